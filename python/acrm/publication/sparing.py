"""What a night can leave as it is, since nothing that it is made of has changed.

A version remembers from which batches it was built, by which code, and how its views
read. When the next whole build begins with that very file, and by the same code:

- a view is made again from its remembered SQL, in one statement for all of them;
- a published table stays, if no raw table above it has other batches than then;
- an incremental table without a row stays, if so for all that its rows come from, be
  its dimensions as they may: there is none that could point to another member;
- a data test that passed is not asked again, if so for all that it looks at, or if it
  is of such a table without a row;
- of a build for readers, mining and its tests that passed wait, whatever is new, for a
  build of their own when it is due.

What rests on anything but raw tables and seeds is always built and tested: logs of runs
and loads, models without a parent; unless their meta says `constant`, that nothing but
their SQL and their parents decides their rows.
Other incremental models always run, since they note how far they came. `--full`, a
part, a build of other code, a file that somebody else wrote to and the audit of `acrm
publish` leave nothing out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from acrm.building import Selection
from acrm.building.dbt import Dbt
from acrm.building.fingerprint import environment_of, fingerprint_of
from acrm.building.record import mark_of, read_record, write_record
from acrm.errors import InputError
from acrm.loading.batch_log import read_log
from acrm.project import Project
from acrm.publication.build_file import STATE_TABLES, is_there, opened
from acrm.publication.mining_due import mining_nodes

if TYPE_CHECKING:
    import duckdb

_BUILT_FROM = ("intermediate", "built_from")
_KNOWN_VIEW = ("intermediate", "known_view")

# What a fact looks members up in, and never gets rows of.
_DIMENSION = "dim_"

Batches = dict[tuple[str, str], set[str]]


@dataclass(frozen=True)
class _File:
    """What a build file remembers of its last whole build."""

    batches: Batches
    tables: frozenset[tuple[str, str]]
    empty: frozenset[tuple[str, str]]
    views: dict[str, str]
    passed: frozenset[str]


def code_of(project: Project, dbt: Dbt) -> str:
    """Return a checksum of all that decides what dbt builds besides the raw zone.

    Parameters
    ----------
    project : Project
        What is built, and where.
    dbt : Dbt
        Its target and variables.
    """
    return fingerprint_of(
        project,
        dbt.target,
        dbt.variables,
        str(project.database),
        str(project.home),
        json.dumps(environment_of(project)),
    )


def find_spared(
    project: Project,
    dbt: Dbt,
    selection: Selection,
    code: str,
    *,
    mining_waits: bool = True,
) -> frozenset[str]:
    """Return which nodes a build can leave out; the caller holds the lock.

    Views among them are laid ready for dbt to make them before it builds. The file
    forgets from what it was built: only a build that comes to its end says that anew.

    Parameters
    ----------
    project : Project
        Whose build file, which is there.
    dbt : Dbt
        The parsed project.
    selection : Selection
        What is to be built.
    code : str
        From :func:`code_of`.
    mining_waits : bool, default True
        Whether to leave mining as it is. It does not wait when it is due, nor where the
        file does not go to readers: then somebody works on it, and what mining is made
        of is in no published file.
    """
    if not project.database.exists():
        return frozenset()
    dbt.check_writable()
    is_untouched = _is_as_published(project)
    with _written(project) as connection:
        if not is_there(connection, _BUILT_FROM):
            return frozenset()
        known = None
        if is_untouched and selection.is_whole and not selection.full:
            known = _remembered(connection, code)
        connection.execute("drop table intermediate.built_from")
        if known is None:
            return frozenset()
        manifest = dbt.manifest()
        present = _by_table(
            (each.system, each.table_name, each.batch_id) for each in read_log(project)
        )
        tree = _Tree(manifest, known, present)
        views = [uid for uid in _in_order(manifest) if tree.is_view_to_restore(uid)]
        connection.execute(
            """
            create or replace table intermediate.view_to_restore
            (position integer, definition varchar)
            """
        )
        for position, uid in enumerate(views):
            connection.execute(
                "insert into intermediate.view_to_restore values (?, ?)",
                [position, known.views[uid]],
            )
        mining = mining_nodes(manifest)
        left = {uid for uid in manifest.nodes.keys() - mining if tree.is_left(uid)}
        _move_on(connection, [manifest.nodes[uid] for uid in left])
        waiting = tree.waiting(mining) if mining_waits else set()
    return frozenset(left | (set(views) - mining) | waiting)


def remember_origin(project: Project, code: str) -> None:
    """Note in the build file from what it was built, whole and without a failure.

    Parameters
    ----------
    project : Project
        Whose build file; the caller holds the lock.
    code : str
        From :func:`code_of`, as it was before the build.
    """
    with _written(project) as connection:
        if is_there(connection, _KNOWN_VIEW):
            connection.execute(
                """
                create or replace table intermediate.built_from as
                select $code as code, system, table_name, batch_id
                from landing.batch_log
                """,
                {"code": code},
            )


def _move_on(connection: duckdb.DuckDBPyConnection, left: Iterable[Any]) -> None:
    """Note of incremental models that are left that they have seen all loads so far.

    What others note for them would else be kept for good.
    """
    models = [node.name for node in left if _kind_of(node) == "incremental"]
    connection.execute(
        """
        update intermediate.model_state
        set loaded_through = (select max(loaded_through) from intermediate.model_state)
        where model in (select unnest($models::varchar[]))
        """,
        {"models": models},
    )


@contextmanager
def _written(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build file to write to it, which its record takes as no foreign hand."""
    try:
        record = read_record(project.database)
    except InputError:
        record = None
    is_ours = record is not None and record.mark == mark_of(project.database)
    with opened(project.database, project.tmp) as connection:
        yield connection
    if record is not None and is_ours:
        write_record(project.database, replace(record, mark=mark_of(project.database)))


class _Tree:
    """The project's nodes, and what of them stands as it would be built now."""

    def __init__(self, manifest: Any, known: _File, present: Batches) -> None:
        self._manifest = manifest
        self._known = known
        self._present = present
        self._answers: dict[str, bool] = {}
        self._restorable: dict[str, bool] = {}
        self._idle: dict[str, bool] = {}

    def is_left(self, uid: str) -> bool:
        """Whether a test that passed, or a published table, stays as it is."""
        node = self._manifest.nodes[uid]
        if str(node.resource_type) == "test":
            return uid in self._known.passed and (
                self._is_unchanged(uid)
                or self._is_idle(getattr(node, "attached_node", None) or "")
            )
        return self._is_idle(uid) or (
            _kind_of(node) == "table"
            and node.schema == "main"
            and (node.schema, node.alias) in self._known.tables
            and self._is_unchanged(uid)
        )

    def waiting(self, mining: Iterable[str]) -> set[str]:
        """Return mining and its tests that passed, if all its tables are there."""
        nodes = {uid: self._manifest.nodes[uid] for uid in mining}
        models = {uid for uid, node in nodes.items() if _is_model(node)}
        if any(
            nodes[uid].schema == "main"
            and ("main", nodes[uid].alias) not in self._known.tables
            for uid in models
        ):
            return set()
        return models | (nodes.keys() & self._known.passed)

    def is_view_to_restore(self, uid: str) -> bool:
        """Whether a view can be made again before anything is built."""
        if uid not in self._restorable:
            node = self._manifest.nodes[uid]
            self._restorable[uid] = (
                _kind_of(node) == "view"
                and node.schema != "main"
                and uid in self._known.views
                and all(self._stands(parent) for parent in node.depends_on.nodes)
            )
        return self._restorable[uid]

    def _stands(self, uid: str) -> bool:
        """Whether a view can be made over it before anything is built."""
        if uid in self._manifest.sources:
            return True  # made for every run
        node = self._manifest.nodes.get(uid)
        return node is not None and (
            (node.schema, node.alias) in self._known.tables
            or self.is_view_to_restore(uid)
        )

    def _is_idle(self, uid: str) -> bool:
        """Whether it is an incremental table without a row that gets none now."""
        if uid not in self._idle:
            node = self._manifest.nodes.get(uid)
            self._idle[uid] = (
                node is not None
                and _kind_of(node) == "incremental"
                and (node.schema, node.alias) in self._known.empty
                and all(
                    self._is_unchanged(parent)
                    for parent in node.depends_on.nodes
                    if not parent.rpartition(".")[2].startswith(_DIMENSION)
                )
            )
        return self._idle[uid]

    def _is_unchanged(self, uid: str) -> bool:
        """Whether all that it rests on is seeds, and raw tables without news."""
        if uid not in self._answers:
            self._answers[uid] = self._has_no_news(uid)
        return self._answers[uid]

    def _has_no_news(self, uid: str) -> bool:
        source = self._manifest.sources.get(uid)
        if source is not None:
            table = (source.source_name, source.name)
            return source.loader == "acrm" and (
                self._known.batches.get(table) == self._present.get(table)
            )
        node = self._manifest.nodes.get(uid)
        if node is None:
            return False
        if str(node.resource_type) == "seed":
            return True
        parents = node.depends_on.nodes
        return self._is_idle(uid) or (
            str(node.resource_type) in {"model", "test"}
            and node.language == "sql"
            and bool(parents or node.config.meta.get("constant"))
            and all(self._is_unchanged(parent) for parent in parents)
        )


def _is_model(node: Any) -> bool:
    return str(node.resource_type) == "model"


def _kind_of(node: Any) -> str:
    if not _is_model(node) or node.language != "sql":
        return ""
    return str(node.config.materialized)


def _in_order(manifest: Any) -> list[str]:
    """Return all nodes, each after those that it is made of."""
    seen: dict[str, None] = {}

    def visit(uid: str) -> None:
        node = manifest.nodes.get(uid)
        if node is None or uid in seen:
            return
        for parent in getattr(node.depends_on, "nodes", ()):
            visit(parent)
        seen[uid] = None

    for uid in manifest.nodes:
        visit(uid)
    return list(seen)


def _is_as_published(project: Project) -> bool:
    """Whether the build file is a version that nobody has written to since."""
    try:
        record = read_record(project.database)
    except InputError:
        return False
    return (
        record is not None
        and record.status == "standby"
        and record.stripped
        and record.mark == mark_of(project.database)
    )


def _remembered(connection: duckdb.DuckDBPyConnection, code: str) -> _File | None:
    if not all(is_there(connection, each) for each in (*STATE_TABLES, _BUILT_FROM)):
        return None
    rows = connection.execute(
        "select code, system, table_name, batch_id from intermediate.built_from"
    ).fetchall()
    if {found for found, *_ in rows} != {code}:
        return None
    tables = connection.execute(
        """
        select schema_name, table_name, estimated_size from duckdb_tables()
        where database_name = current_database()
        """
    ).fetchall()
    views = connection.execute(
        "select view, any_value(definition) from intermediate.known_view group by view"
    ).fetchall()
    passed = connection.execute("select test from intermediate.test_state").fetchall()
    return _File(
        batches=_by_table(row[1:] for row in rows),
        tables=frozenset((schema, name) for schema, name, _ in tables),
        empty=frozenset((schema, name) for schema, name, rows in tables if not rows),
        views=dict(views),
        passed=frozenset(name for (name,) in passed),
    )


def _by_table(rows: Any) -> Batches:
    batches: Batches = defaultdict(set)
    for system, table, batch in rows:
        batches[system, table].add(batch)
    return dict(batches)
