"""What stands behind the mining tables of a published version, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acrm.errors import InputError
from acrm.words import near_names

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

_TABLES = ("model_version", "model_evaluation", "model_decile")
_DRIFT = "psi_%"
VERDICTS = {
    "better": "better than",
    "not_better": "not better than",
    "insufficient_data": "not to be judged against",
}


@dataclass(frozen=True)
class ModelReport:
    """One model of one system, with its record out of time.

    Parameters
    ----------
    version : dict
        The row of ``model_version``.
    evaluations, deciles, drift : tuple of dict
        Rows of ``model_evaluation`` (metrics, then drift of features and scores) and of
        ``model_decile``, by cut-off.
    """

    version: Row
    evaluations: tuple[Row, ...]
    deciles: tuple[Row, ...]
    drift: tuple[Row, ...]

    @property
    def title(self) -> str:
        """Model, system and part: ``clv of example, EUR``."""
        part = self.version["part"]
        return f"{self.version['model']} of {self.version['id_space']}" + (
            "" if part == "all" else f", {part}"
        )

    @property
    def sentence(self) -> str:
        """What came of it, and what readers get."""
        row = self.version
        judged = row["cutoffs_judged"]
        told = f"{VERDICTS[row['verdict']]} its baseline, {row['baseline']}"
        told += f" ({judged} past cut-offs judged); readers get the {row['published']}."
        if row["status"] != "ok":
            told += f" The fit is {row['status']}: {row['reason']}."
        return told[0].upper() + told[1:]


def read_models(
    connection: duckdb.DuckDBPyConnection, name: str = ""
) -> list[ModelReport]:
    """Read the models of a version.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A published version, or a file with its tables.
    name : str, optional
        Of one model, such as ``clv``; all by default.

    Returns
    -------
    list of ModelReport
        By model, system and part.

    Raises
    ------
    InputError
        If the version has no mining tables, or no model of that name.
    """
    known = {
        table
        for (table,) in connection.execute(
            "select table_name from information_schema.tables"
        ).fetchall()
    }
    if missing := [table for table in _TABLES if table not in known]:
        raise InputError(
            "There are no models to report on.",
            where=f"the published version has no table {missing[0]}",
            hint="Run `acrm build`, which makes them with everything else.",
        )
    versions = _rows(
        connection,
        "from model_version order by model = 'affinity', model, id_space, part",
    )
    names = sorted({row["model"] for row in versions})
    if name and name not in names:
        near = near_names(name, names, most=1)
        did_you_mean = f" Did you mean {near[0]}?" if near else ""
        raise InputError(
            f"There is no model {name!r}.{did_you_mean}",
            hint=f"The models are: {', '.join(names) or 'none, nothing was loaded'}.",
        )
    return [
        ModelReport(
            version=row,
            evaluations=_of(
                connection, "model_evaluation", row, f"metric not like '{_DRIFT}'"
            ),
            deciles=_of(connection, "model_decile", row, "true"),
            drift=tuple(
                _rows(
                    connection,
                    f"""
                    from model_evaluation
                    where metric like '{_DRIFT}' and id_space = $1
                        and (
                            model = $2
                            or (model = 'features' and $2 in ('clv', 'rhythm'))
                        )
                    order by metric
                    """,
                    [row["id_space"], row["model"]],
                )
            ),
        )
        for row in versions
        if not name or row["model"] == name
    ]


def _of(
    connection: duckdb.DuckDBPyConnection, table: str, version: Row, condition: str
) -> tuple[Row, ...]:
    keys = [version[key] for key in ("model", "id_space", "part")]
    sql = f"from {table} where model = ? and id_space = ? and part = ? and {condition}"
    return tuple(_rows(connection, f"{sql} order by all", keys))


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()
) -> list[Row]:
    answer = connection.execute(sql, list(values))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
