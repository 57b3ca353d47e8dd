"""What must hold before readers see a build."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from acrm.errors import RunError

if TYPE_CHECKING:
    import duckdb

_SHOWN = 20


def audit_reconciliation(
    connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], *, readers: str
) -> int | None:
    """Require that every total agrees with its source.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The build file.
    names : tuple of str
        The tables to publish; without ``ctl_reconciliation`` nothing is checked.
    readers : str
        What readers see when it fails.

    Returns
    -------
    int or None
        How many totals agree; None if the warehouse has no reconciliation.

    Raises
    ------
    RunError
        Naming the totals that do not agree.
    """
    if "ctl_reconciliation" not in names:
        return None
    wrong = connection.execute(
        """
        select
            source_system,
            business_date,
            measure,
            source_total,
            fact_total,
            difference
        from ctl_reconciliation
        where is_reconciled is not true
        order by all
        """
    ).fetchall()
    if wrong:
        lines = [
            f"- {system} {day or 'all days'} {measure}:"
            f" source {source}, facts {fact}, difference {difference}"
            for system, day, measure, source, fact, difference in wrong[:_SHOWN]
        ]
        if len(wrong) > _SHOWN:
            lines.append(f"- and {len(wrong) - _SHOWN} more in ctl_reconciliation")
        raise RunError(
            f"Totals that do not agree with their source: {len(wrong)}.\n"
            + "\n".join(lines),
            hint=f"Look into ctl_reconciliation of the build file. {readers}",
        )
    ((count,),) = connection.execute(
        "select count(*) from ctl_reconciliation"
    ).fetchall()
    return int(count)


def data_through(
    connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]
) -> dict[str, str]:
    """Return the last business instant of each source system, from ctl_freshness.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The build file.
    names : tuple of str
        The tables to publish.
    """
    if "ctl_freshness" not in names:
        return {}
    rows = connection.execute(
        """
        select source_system, max(data_through)
        from ctl_freshness
        group by source_system
        having max(data_through) is not null
        order by source_system
        """
    ).fetchall()
    return {system: _iso(through) for system, through in rows}


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
