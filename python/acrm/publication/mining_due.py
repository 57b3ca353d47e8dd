"""Mining is done when its month has turned, and not every night.

What customers are worth, by all that was known at the end of the last whole month, does
not change until the next month is over. Between, its tables stay in the file from
version to version, and a night pays for one question: whether a cut-off is new.
"""

from __future__ import annotations

from typing import Any

from acrm.project import Project
from acrm.publication.build_file import is_there, opened

TAG = "mining"
_VERSIONS = ("main", "model_version")


def mining_nodes(manifest: Any) -> frozenset[str]:
    """Return the unique ids of all models of mining, and of the tests that ask them.

    Parameters
    ----------
    manifest : Manifest
        Of the parsed project.
    """
    models = {
        uid
        for uid, node in manifest.nodes.items()
        if str(node.resource_type) == "model" and TAG in (node.tags or ())
    }
    tests = {
        uid
        for uid, node in manifest.nodes.items()
        if str(node.resource_type) == "test"
        and models & set(getattr(node.depends_on, "nodes", ()))
    }
    return frozenset(models | tests)


def mining_is_due(project: Project) -> bool:
    """Whether a system has another current cut-off than its models were made for.

    Parameters
    ----------
    project : Project
        Whose build file, in which all but mining stands as of now.
    """
    with opened(project.database, project.tmp, read_only=True) as connection:
        if not is_there(connection, _VERSIONS):
            return True
        ((count,),) = connection.execute(
            """
            with now as (
                select id_space, cutoff_date from intermediate.int_mining_cutoff
                where is_current
            ),
            made as (select distinct id_space, cutoff_date from main.model_version)
            select count(*) from (
                (from now except from made) union all (from made except from now)
            )
            """
        ).fetchall()
    return bool(count)
