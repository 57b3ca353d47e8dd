"""Can today's numbers be trusted: what the control tables and the logs say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from acrm.building.record import read_record
from acrm.journal import LoggedRun, read_last_run
from acrm.project import Project
from acrm.publication.versions import Version, current_version, read_switches
from acrm.reading.connection import open_version
from acrm.reading.logs import Run, batches_after, read_nodes, read_runs
from acrm.words import counted

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

_RUNS_SHOWN = 5
_CLOCK_SKEW_HOURS = 1


@dataclass(frozen=True)
class Health:
    """What ``acrm status`` says.

    Parameters
    ----------
    version : Version or None
        What readers see.
    problems : tuple of str
        Why today's numbers cannot be trusted; none if they can.
    notes : tuple of str
        What to know although they can.
    runs : tuple of Run
        The last dbt runs, newest first.
    reconciliation, quarantine, freshness, volume : tuple of dict
        Summaries of the control tables; empty if the version has none.
    last_run : LoggedRun or None
        The last nightly run, step by step.
    nodes : tuple of dict
        What each model and test of the last build did, the slowest first.
    """

    version: Version | None
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    runs: tuple[Run, ...] = ()
    reconciliation: tuple[Row, ...] = ()
    quarantine: tuple[Row, ...] = ()
    freshness: tuple[Row, ...] = ()
    volume: tuple[Row, ...] = ()
    last_run: LoggedRun | None = None
    nodes: tuple[Row, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether today's numbers can be trusted."""
        return not self.problems

    def answer(self) -> str:
        """Return the first line: yes, or no and why."""
        question = "Can you trust today's numbers?"
        if self.trusted:
            return f"{question} Yes."
        return f"{question} No: {'; '.join(self.problems)}."


@dataclass
class _Findings:
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_health(project: Project, now: datetime) -> Health:
    """Read the published version, the batch log and the run log.

    Parameters
    ----------
    project : Project
        Whose warehouse.
    now : datetime
        The instant to measure ages against, with a time zone.

    Raises
    ------
    InputError
        If the published version or a log cannot be read.
    """
    runs = read_runs(project)
    last_run = read_last_run(project)
    findings = _Findings()
    version = current_version(project)
    if version is None:
        findings.problems.append("nothing is published yet: run acrm build")
        _judge_last_build(findings, project, runs, None)
        _judge_last_run(findings, last_run)
        return Health(
            version=None,
            problems=tuple(findings.problems),
            notes=tuple(findings.notes),
            runs=tuple(runs[:_RUNS_SHOWN]),
            last_run=last_run,
        )
    version, connection = open_version(project, version.number)
    with connection:
        known = {table.name for table in version.tables}
        reconciliation = _read(connection, known, "ctl_reconciliation", _RECONCILIATION)
        quarantine = _read(connection, known, "ctl_quarantine", _QUARANTINE)
        freshness = _read(connection, known, "ctl_freshness", _FRESHNESS)
        volume = _read(connection, known, "ctl_volume", _VOLUME)
    _judge_reconciliation(findings, reconciliation, known)
    freshness = [_with_age(row, now) for row in freshness]
    _judge_freshness(findings, freshness, known)
    _judge_unstated(findings, reconciliation, freshness)
    _judge_quarantine(findings, quarantine)
    _judge_volume(findings, volume)
    _judge_batches(findings, project, version, freshness)
    _judge_last_build(findings, project, runs, version)
    _judge_rollback(findings, project, version)
    _judge_last_run(findings, last_run)
    return Health(
        version=version,
        problems=tuple(findings.problems),
        notes=tuple(findings.notes),
        runs=tuple(runs[:_RUNS_SHOWN]),
        reconciliation=tuple(reconciliation),
        quarantine=tuple(quarantine),
        freshness=tuple(freshness),
        volume=tuple(volume),
        last_run=last_run,
        nodes=_nodes_of_last_build(project, runs),
    )


def _nodes_of_last_build(project: Project, runs: Iterable[Run]) -> tuple[Row, ...]:
    builds = [run for run in runs if run.builds]
    return tuple(read_nodes(project, builds[0].run_id)) if builds else ()


_RECONCILIATION = """
    select
        source_system,
        measure,
        count(*) as days,
        count(*) filter (where is_reconciled is not true) as days_unreconciled,
        sum(source_total) as source_total,
        sum(quarantined_total) as quarantined_total,
        sum(redelivered_total) as redelivered_total,
        sum(fact_total) as fact_total,
        sum(difference) as difference
    from ctl_reconciliation
    group by source_system, measure
    order by source_system, measure
"""

_QUARANTINE = """
    select
        source_system,
        table_name,
        reason_code,
        count(*) as rows_quarantined,
        first(reason order by loaded_at desc, row_number) as last_reason,
        max(loaded_at) as last_loaded_at
    from ctl_quarantine
    group by source_system, table_name, reason_code
    order by source_system, table_name, reason_code
"""

_FRESHNESS = """
    select
        source_system,
        table_name,
        batches,
        rows_loaded,
        rows_quarantined,
        last_loaded_at,
        data_through,
        warn_after_hours,
        error_after_hours
    from ctl_freshness
    order by source_system, table_name
"""

_VOLUME = """
    select
        source_system,
        table_name,
        delivered_on,
        rows_delivered,
        rows_late,
        weeks_compared,
        median_rows,
        lowest_usual,
        highest_usual,
        judgement
    from ctl_volume
    qualify
        row_number() over (
            partition by source_system, table_name order by delivered_on desc
        ) = 1
    order by source_system, table_name
"""


def _read(
    connection: duckdb.DuckDBPyConnection, known: set[str], table: str, sql: str
) -> list[Row]:
    if table not in known:
        return []
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _judge_reconciliation(
    findings: _Findings, rows: Iterable[Mapping[str, Any]], known: set[str]
) -> None:
    if "ctl_reconciliation" not in known:
        findings.notes.append(
            "the warehouse has no ctl_reconciliation: totals are not compared with"
            " their source"
        )
    findings.problems.extend(
        f"{row['source_system']} {row['measure']} differs from its source on"
        f" {row['days_unreconciled']} of {row['days']} days"
        for row in rows
        if row["days_unreconciled"]
    )


def _with_age(row: Row, now: datetime) -> Row:
    """Judge how old a table's last load is; a limit that is not set is no limit."""
    if row["last_loaded_at"] is None:
        return {**row, "age_hours": None, "state": "never loaded"}
    age = (now - _utc(row["last_loaded_at"])) / timedelta(hours=1)
    state = "fresh" if age > -_CLOCK_SKEW_HOURS else "ahead"
    for limit, name in (("warn_after_hours", "late"), ("error_after_hours", "stale")):
        if row[limit] is not None and age > row[limit]:
            state = name
    return {**row, "age_hours": round(age, 1), "state": state}


def _utc(instant: datetime) -> datetime:
    """Timestamps without a time zone are UTC throughout the warehouse."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _judge_freshness(
    findings: _Findings, rows: Sequence[Mapping[str, Any]], known: set[str]
) -> None:
    if "ctl_freshness" not in known:
        findings.notes.append("the warehouse has no ctl_freshness: ages are not judged")
    elif not rows:
        findings.problems.append("nothing was ever loaded: run acrm load")
    for row in rows:
        table = f"{row['source_system']}.{row['table_name']}"
        age = (
            f"{table} was last loaded {row['age_hours']:g} h ago"
            if row["age_hours"] is not None
            else table
        )
        if row["state"] == "ahead":
            findings.notes.append(
                f"{table} was loaded {-row['age_hours']:g} h ahead of this clock: one"
                " of the two is wrong"
            )
        elif row["state"] == "stale":
            limit = row["error_after_hours"]
            findings.problems.append(f"{age}, more than {limit:g} h")
        elif row["state"] == "late":
            limit = row["warn_after_hours"]
            findings.notes.append(f"{age}, more than {limit:g} h")
        elif row["state"] == "never loaded":
            findings.notes.append(f"{table} was never loaded")


def _judge_unstated(
    findings: _Findings,
    reconciliation: Iterable[Mapping[str, Any]],
    freshness: Iterable[Mapping[str, Any]],
) -> None:
    """Name systems that state no totals: nothing holds their facts to account."""
    stated = {row["source_system"] for row in reconciliation}
    for system in sorted({row["source_system"] for row in freshness} - stated):
        findings.notes.append(
            f"{system} states no source totals, so that its facts are not reconciled"
        )


def _judge_quarantine(findings: _Findings, rows: Iterable[Mapping[str, Any]]) -> None:
    count = sum(row["rows_quarantined"] for row in rows)
    if count:
        findings.notes.append(
            f"{counted(count, 'delivered row')} in quarantine and in no fact; the"
            " reconciliation counts them"
        )


def _judge_volume(findings: _Findings, rows: Iterable[Mapping[str, Any]]) -> None:
    """Warn of tables of which unusually much or little came on their last day."""
    for row in rows:
        if row["judgement"] in ("few", "many"):
            findings.notes.append(
                f"{row['source_system']}.{row['table_name']} brought"
                f" {counted(row['rows_delivered'], 'row')} on {row['delivered_on']:%A},"
                f" {row['delivered_on']}: {row['lowest_usual']:,.0f} to"
                f" {row['highest_usual']:,.0f} are usual on that weekday"
            )


def _judge_last_run(findings: _Findings, run: LoggedRun | None) -> None:
    if run is None:
        return
    end = run.end
    if end is None:
        findings.notes.append(
            f"run {run.number} of {run.started_at} has not ended: it is running or was"
            " killed"
        )
    elif end["error"] and end["outcome"] != "failed":
        findings.notes.append(
            f"run {run.number} did not come to its end: {end['error']}"
        )
    elif end["refused"]:
        refused = counted(end["refused"], "delivery")
        findings.notes.append(f"run {run.number} refused {refused}: see its log")


def _judge_batches(
    findings: _Findings,
    project: Project,
    version: Version,
    freshness: Iterable[Mapping[str, Any]],
) -> None:
    seen = {
        (row["source_system"], row["table_name"]): row["last_loaded_at"]
        and _utc(row["last_loaded_at"])
        for row in freshness
    }
    newer = batches_after(project, datetime.fromisoformat(version.built_at), seen)
    if newer:
        first, *others = newer
        more = f" and {len(others)} more" if others else ""
        were = "batches" if others else "a batch"
        findings.problems.append(
            f"{were} ({first}{more}) loaded after version {version.number} was built:"
            " run acrm build"
        )


def _judge_last_build(
    findings: _Findings, project: Project, runs: Iterable[Run], version: Version | None
) -> None:
    readers = (
        "nothing is published"
        if version is None
        else f"readers are on version {version.number}"
    )
    record = read_record(project.database)
    builds = [run for run in runs if run.builds]
    if builds and builds[0].status == "fail":
        last = builds[0]
        findings.problems.append(
            f"the last build failed ({last.started_at:%Y-%m-%d %H:%M} UTC,"
            f" {last.what()}), {readers}"
        )
    elif record is not None and record.status == "fail":
        findings.problems.append(
            f"the last build failed ({record.started_at},"
            f" {', '.join(record.failed)}), {readers}"
        )
    elif record is not None and record.status == "running":
        findings.notes.append(
            f"the build of {record.started_at} is running or was interrupted, {readers}"
        )


def _judge_rollback(findings: _Findings, project: Project, version: Version) -> None:
    switches = read_switches(project)
    if switches and switches[-1].kind == "rollback":
        last = switches[-1]
        reason = f": {last.reason}" if last.reason else ""
        findings.notes.append(
            f"{last.by} rolled back to version {version.number} at {last.at}{reason}"
        )
