"""The batch log and the run log, as loads and dbt runs leave them in the home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acrm.building.record import read_record
from acrm.errors import InputError
from acrm.project import Project
from acrm.words import counted


@dataclass(frozen=True)
class Run:
    """One dbt run.

    Parameters
    ----------
    run_id : str
        dbt's invocation id.
    command : str
        ``dbt build``, ``dbt run``, ``dbt test`` …
    started_at, ended_at : datetime
        UTC, without time zone.
    status : {"pass", "warn", "fail"}
        How it ended.
    nodes_passed, nodes_warned, nodes_failed, nodes_skipped : int
        How many nodes did.
    dbt_version : str
        What ran it.
    failed : tuple of str
        Names of the nodes that failed; known for the last build only.
    """

    run_id: str
    command: str
    started_at: datetime
    ended_at: datetime
    status: str
    nodes_passed: int
    nodes_warned: int
    nodes_failed: int
    nodes_skipped: int
    dbt_version: str
    failed: tuple[str, ...] = ()

    @property
    def builds(self) -> bool:
        """Whether the run wrote tables."""
        return self.command.removeprefix("dbt ") in {"build", "run"}

    def what(self) -> str:
        """Say what failed, by name if known."""
        count = counted(self.nodes_failed, "node")
        return f"{count} failed" + (
            f": {', '.join(self.failed)}" if self.failed else ""
        )


def read_runs(project: Project) -> list[Run]:
    """Return all logged dbt runs, newest first.

    Raises
    ------
    InputError
        If the log cannot be read.
    """
    rows = _read_log(
        project.runs,
        """
        select
            run_id, command, started_at::timestamp, ended_at::timestamp, status,
            nodes_passed, nodes_warned, nodes_failed, nodes_skipped, dbt_version
        from read_parquet(?, union_by_name = true)
        order by started_at desc, run_id desc
        """,
    )
    record = read_record(project.database)
    failed = {record.run_id: record.failed} if record else {}
    return [Run(*(*row, failed.get(row[0], ()))) for row in rows]


def read_nodes(project: Project, run_id: str) -> list[dict[str, Any]]:
    """Return what each model, seed and test of a dbt run did, the slowest first.

    Parameters
    ----------
    project : Project
        Whose run log.
    run_id : str
        The run; one that left no such log has no nodes.
    """
    names = ("node_name", "node_kind", "status", "seconds", "row_count")
    rows = _read_log(
        project.runs / "nodes",
        f"""
        select {", ".join(names)}
        from read_parquet(?, union_by_name = true)
        order by seconds desc, node_name
        """,
        f"{run_id}.parquet",
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def batches_after(
    project: Project,
    built_at: datetime,
    seen: Mapping[tuple[str, str], datetime | None],
) -> list[str]:
    """Return the batches that a version does not hold, oldest first.

    Parameters
    ----------
    project : Project
        Whose batch log.
    built_at : datetime
        When the version's build started, with a time zone.
    seen : mapping of (system, table) to datetime or None
        The last load that the version holds, from its ctl_freshness. Tables that
        it does not name belong to systems that are switched off. If there are
        none at all, ``built_at`` decides.
    """
    rows = _read_log(
        project.batches,
        """
        select batch_id, system, table_name, max(loaded_at)::timestamp as loaded_at
        from read_parquet(?, union_by_name = true)
        group by all
        order by batch_id
        """,
    )
    newer: dict[str, None] = {}
    for batch_id, system, table, loaded_at in rows:
        held: datetime | None = built_at
        if seen:
            if (system, table) not in seen:
                continue
            held = seen[system, table]
        if held is None or loaded_at.replace(tzinfo=UTC) > held:
            newer[batch_id] = None
    return list(newer)


def _read_log(
    folder: Path, sql: str, names: str = "*.parquet"
) -> list[tuple[Any, ...]]:
    import duckdb

    files = sorted(str(path) for path in folder.glob(names))
    if not files:
        return []
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            return connection.execute(sql, [files]).fetchall()
        except duckdb.Error as error:
            raise InputError(
                "A log of the warehouse cannot be read.",
                where=f"{folder}: {str(error).splitlines()[0]}",
                hint="Move the file that is named away, and report how it came to be.",
            ) from error
