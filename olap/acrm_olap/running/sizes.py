"""How large aggregate tables would be: counted by sketches, in one pass of the fact."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from acrm_olap.aggregates.advise import Grouping
from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.expressions import to_sql
from acrm_olap.running.engine import Engine
from acrm_olap.sql.facts import FactSql
from acrm_olap.sql.terms import DIALECT, Values, as_, call


class FileSizes:
    """Sizes of groupings of facts in one file.

    Parameters
    ----------
    engine : Engine
        Over the file.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def rows(self, cube: BoundCube) -> int:
        """Return how many rows a fact has."""
        fact = FactSql(cube, "was", Values())
        rows = fact.select([exp.Count(this=exp.Star())])
        return int(self.engine.database.rows(rows.sql(DIALECT))[0][0])

    def sizes(self, cube: BoundCube, groupings: Sequence[Grouping]) -> list[int]:
        """Return about how many rows tables would have, no more than the fact."""
        if not groupings:
            return []
        fact = FactSql(cube, "was", Values())
        paths = sorted({path for each in groupings for path in each.levels})
        fact.need([cube.level(path) for path in paths], ())
        columns: list[exp.Expr] = [as_(exp.Count(this=exp.Star()), "fact_rows")]
        for number, grouping in enumerate(groupings):
            # A row of nothing but nulls is a cell as well: hash tells it apart.
            cell = call("hash", *self._keys(cube, fact, grouping))
            columns.append(as_(call("approx_count_distinct", cell), f"size_{number}"))
        found = self.engine.database.rows(fact.select(columns).sql(DIALECT))[0]
        return [min(int(each), int(found[0])) for each in found[1:]]

    def decides(self, use: BoundUse, finer: BoundLevel, level: BoundLevel) -> bool:
        """Return whether each member of a level is in one member of another."""
        return self.engine.proofs.decides(use, finer, level)

    @staticmethod
    def _keys(cube: BoundCube, fact: FactSql, grouping: Grouping) -> list[exp.Expr]:
        found = [
            key.copy() for path in sorted(grouping.levels) for key in fact.keys[path]
        ]
        found += [
            fact.column(str(cube.uses[role].use.key)) for role in sorted(grouping.keys)
        ]
        if grouping.counted:
            measure = cube.measures[grouping.counted]
            if measure.node is not None:
                found.append(to_sql(measure.node, fact.column))
        return found or [exp.Literal.number(0)]
