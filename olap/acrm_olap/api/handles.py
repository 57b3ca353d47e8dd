"""What analysts hold in their hands: cubes, their measures and levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrm_olap.api.html import facts_html, head_html, table_html
from acrm_olap.definitions import BoundCube
from acrm_olap.errors import MeaningError
from acrm_olap.planning import ALL, Rights
from acrm_olap.query import Query, cuts_of, from_line, make_query
from acrm_olap.results import Result
from acrm_olap.running import Engine
from acrm_olap.running.describe import describe, seen_measures
from acrm_olap.running.drill_through import find_facts
from acrm_olap.running.explain import Explanation, explain
from acrm_olap.running.members import Member, find_members

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Measure:
    """A measure, as its cube tells it: name, caption, unit, format, description."""

    name: str
    caption: str
    kind: str
    unit: str
    format: str
    description: str
    folder: str

    def _repr_html_(self) -> str:
        facts = {
            "Kind": self.kind, "Unit": self.unit, "Format": self.format,
            "Folder": self.folder,
        }  # fmt: skip
        return head_html(self.caption, self.name, self.description) + facts_html(facts)


@dataclass(frozen=True)
class Level:
    """A level, as its cube tells it."""

    path: str
    caption: str
    dimension: str
    description: str
    period: str

    def _repr_html_(self) -> str:
        facts = {"Dimension": self.dimension, "Period": self.period}
        return head_html(self.caption, self.path, self.description) + facts_html(facts)


class Cube:
    """A cube of an open file.

    Parameters
    ----------
    engine : Engine
        Over the file.
    bound : BoundCube
        The cube.
    rights : Rights
        What the caller may see.
    """

    def __init__(self, engine: Engine, bound: BoundCube, rights: Rights = ALL) -> None:
        self._engine = engine
        self._bound = bound
        self._rights = rights

    def __repr__(self) -> str:
        """Return its name and size."""
        sizes = f"{len(self.measures)} measures, {len(self.levels)} levels"
        return f"<Cube {self.name}: {sizes}>"

    def _repr_html_(self) -> str:
        measures = [
            (each.name, each.caption, each.unit, each.description)
            for each in self.measures.values()
        ]
        levels = [
            (each.path, each.caption, each.dimension, each.description)
            for each in self.levels.values()
        ]
        return (
            head_html(self.caption, self.name, self.description)
            + table_html(["Measure", "Caption", "Unit", "Description"], measures)
            + table_html(["Level", "Caption", "Dimension", "Description"], levels)
        )

    @property
    def name(self) -> str:
        """Its name."""
        return self._bound.name

    @property
    def caption(self) -> str:
        """What people read."""
        return self._bound.caption

    @property
    def description(self) -> str:
        """What a row of it is."""
        return self._bound.definition.description

    @property
    def measures(self) -> dict[str, Measure]:
        """Its measures that are shown, by name."""
        return {
            name: Measure(
                name,
                each.caption,
                each.measure.kind,
                each.measure.unit,
                each.measure.format,
                each.measure.description,
                each.measure.folder,
            )
            for name, each in seen_measures(self._bound, self._rights).items()
        }

    @property
    def levels(self) -> dict[str, Level]:
        """Its levels that are shown, by path: ``customer.region``."""
        from acrm_olap.definitions.bound import spelt_out

        return {
            level.path: Level(
                level.path,
                level.level.caption or spelt_out(level.name),
                use.caption,
                level.level.description,
                level.period or "",
            )
            for use in self._bound.uses.values()
            for level in use.levels.values()
            if level.level.visible
        }

    def describe(self) -> dict[str, Any]:
        """Return all that the cube shows: dimensions, levels, measures, named sets."""
        return describe(self._engine, self._bound, self._rights)

    def members(self, level: str, where: Any = None, **more: Any) -> list[Member]:
        """Return members of a level, page by page.

        Parameters
        ----------
        level : str
            ``customer.region``.
        where : mapping, optional
            Cuts of the same dimension.
        **more
            ``search``, ``limit``, ``offset``, ``as_of`` and ``missing`` of
            ``find_members``.

        Examples
        --------
        >>> from acrm_olap.api.example import example
        >>> sales = example()["sales"]
        >>> [each.label for each in sales.members("product.product", search="e")]
        ['Apples', 'Bread', 'Cheese']
        """
        cuts = cuts_of(where) if where is not None else ()
        found = self._bound.level(level)
        return find_members(
            self._engine, self._bound, found, cuts, rights=self._rights, **more
        )

    def facts(
        self, where: Any = None, columns: Iterable[str] = (), **more: Any
    ) -> pa.Table:
        """Return the rows behind a cell, page by page (drill through).

        Parameters
        ----------
        where : mapping, optional
            Cuts that make the cell.
        columns : iterable of str
            Levels and columns of the fact; all of the fact by default.
        **more
            ``limit``, ``offset``, ``as_of`` and ``missing`` of ``find_facts``.

        Examples
        --------
        >>> from acrm_olap.api.example import example
        >>> sales = example()["sales"]
        >>> rows = sales.facts({"date": "2025-03"}, ["date_key", "product.product"])
        >>> rows.num_rows, rows.column_names
        (10, ['date_key', 'product.product'])
        """
        cuts = cuts_of(where) if where is not None else ()
        return find_facts(
            self._engine, self._bound, cuts, columns=columns,
            rights=self._rights, **more,
        )  # fmt: skip

    def query(
        self,
        measures: str | Iterable[str],
        rows: str | Iterable[str] = (),
        columns: str | Iterable[str] = (),
        where: Any = None,
        **more: Any,
    ) -> Result:
        """Return the answer to a question.

        Parameters
        ----------
        measures : str or iterable of str
            ``net``, ``net.prior_year``.
        rows, columns : str or iterable of str
            Levels down and across.
        where : mapping, optional
            Cuts: ``{"channel": "web", "date": ("2025-01", "2025-12")}``.
        **more
            Other fields of ``Query``: ``as_of``, ``subtotals``, ``top``, ``having``,
            ``order``, ``limit``, ``offset``, ``calculated``, ``empty``,
            ``open_periods``, ``part_periods``, ``missing``.

        Examples
        --------
        >>> from acrm_olap.api.example import example
        >>> sales = example()["sales"]
        >>> answer = sales.query(
        ...     ["net", "margin_pct"], "product.department", where={"date": "2025"},
        ...     subtotals=True,
        ... )
        >>> print(answer.to_text().rpartition("members as")[0].rstrip())
        Department   Net (EUR)  Margin pct
        Bakery          119.00       40.0%
        Dairy           237.00       40.0%
        Fruit & Veg     117.00       40.0%
        Total           473.00       40.0%
        >>> answer.drill_down("product.product", "Dairy").to_pandas()["net"].tolist()
        [119.0, 118.0, 237.0, 237.0]
        >>> answer.states()[0]
        (<State.VALUE: 'value'>, <State.VALUE: 'value'>)
        """
        return self.ask(self.question(measures, rows, columns, where, **more))

    def question(
        self,
        measures: str | Iterable[str],
        rows: str | Iterable[str] = (),
        columns: str | Iterable[str] = (),
        where: Any = None,
        **more: Any,
    ) -> Query:
        """Return a question without asking it; ``ask`` does.

        Examples
        --------
        >>> from acrm_olap import to_line, to_url
        >>> from acrm_olap.api.example import example
        >>> query = example()["sales"].question("net", where={"date": "2025-03"})
        >>> to_line(query.drill_down("customer.region").keep("net > 20"))
        'sales: net by customer.region where date = 2025-03 having "net > 20"'
        >>> to_url(query)
        'cube=sales&measures=net&cut=date%3A2025-03'
        """
        return make_query(self.name, measures, rows, columns, where, **more)

    def ask(self, query: Query | str, **more: Any) -> Result:
        """Return the answer to a query that was made before.

        Parameters
        ----------
        query : Query or str
            The question; a text is one line, see ``acrm_olap.query.forms_line``.
        **more
            ``seconds`` after which it is stopped, ``stop`` that stops it when set.

        Examples
        --------
        >>> from acrm_olap.api.example import example
        >>> sales = example()["sales"]
        >>> answer = sales.ask("sales: net by product.department where date = 2025")
        >>> answer.to_dicts()[0]["product.department"]
        'Bakery'
        """
        if isinstance(query, str):
            query = from_line(query)
        if query.cube != self.name:
            raise MeaningError(
                f"The query is for the cube '{query.cube}', not '{self.name}'.",
                hint=f"Ask cubes['{query.cube}'].",
            )
        found = self._engine.ask(query, self._rights, **more)
        return replace(found, asker=self.ask)

    def explain(self, query: Query) -> Explanation:
        """Return what a query means and how it is answered, without asking it."""
        return explain(self._engine, query, self._rights)

    def sql(self, query: Query, dialect: str = "duckdb") -> str:
        """Return the SQL of a query."""
        plan = self._engine.plan(query, self._rights)
        routed = self._engine.route(plan).plan
        return self._engine.statement(routed).sql(dialect, pretty=True)

    def to_atoti(self, path: str | Path | None = None) -> str:
        """Return a Python script that loads this cube into Atoti.

        Parameters
        ----------
        path : str or Path, optional
            Also write it there.
        """
        from acrm.disk import write_atomically
        from acrm_olap.export import atoti_script

        script = atoti_script(self._bound, str(self._engine.database.file()))
        if path is not None:
            write_atomically(Path(path), script.encode())
        return script
