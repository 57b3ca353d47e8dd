"""Make the trees of measures: calculated ones down to what facts give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from acrm_olap.definitions import BoundCube, BoundMeasure
from acrm_olap.definitions.calculations import home_of
from acrm_olap.definitions.model import Measure
from acrm_olap.definitions.references import (
    Against,
    Moving,
    OnAxis,
    Reference,
    Shift,
    Variant,
    read_reference,
)
from acrm_olap.errors import MeaningError
from acrm_olap.expressions import Node, Type, names, parse, type_of
from acrm_olap.expressions.tree import Name, depth, walk
from acrm_olap.planning.plan import (
    Atom,
    Beside,
    Difference,
    Formula,
    Leaf,
    Mean,
    TimeVariant,
    Tree,
)

MOST_PARTS = 5000
MOST_DEEP = 100
_SUMMED = {"sum", "count"}
_PLAIN = re.compile(r"[A-Za-z_]\w{0,62}", re.ASCII)


class Forest:
    """The trees of one query, over atoms that are each computed once.

    Parameters
    ----------
    cube : BoundCube
        Whose measures are asked for.
    calculated : tuple of (str, str)
        Measures of the query alone.
    hidden : frozenset of str
        Measures that the caller may not see, as ``cube.measure``.
    """

    def __init__(
        self,
        cube: BoundCube,
        calculated: tuple[tuple[str, str], ...] = (),
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self.cube = cube
        self.hidden = hidden
        self.atoms: list[Atom] = []
        self.own: dict[str, BoundMeasure] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        for name, text in calculated:
            if not _PLAIN.fullmatch(name):
                raise MeaningError(
                    f"'{name}' is no name for a calculated measure.",
                    hint="Give letters, digits and _, such as 'net_per_line'.",
                )
            # A measure that the caller may not see is not there at all.
            if name in self.own or name in self._known(cube):
                raise MeaningError(
                    f"The cube '{cube.name}' has a measure '{name}' already.",
                    hint="Name the calculated measure otherwise.",
                )
            node = self.typed(text, Type.NUMBER)
            self._require_small(name, node)
            measure = Measure.model_validate({"expression": text})
            self.own[name] = BoundMeasure(cube.name, name, measure, node, None)

    def _require_small(self, name: str, node: Node) -> None:
        """Refuse what grows without end: each measure twice the one before it."""
        inner = [
            self._sizes.get(self.reference(each.text).measure, (0, 0))
            for each in walk(node)
            if isinstance(each, Name)
        ]
        parts = sum(1 for _ in walk(node)) + sum(size for size, _ in inner)
        deep = depth(node) + max((below for _, below in inner), default=0)
        if parts > MOST_PARTS or deep > MOST_DEEP:
            raise MeaningError(
                f"The calculated measure '{name}' has {parts:,} parts, {deep} deep.",
                hint=f"At most {MOST_PARTS:,} are taken, {MOST_DEEP} deep, those of the"
                " calculated measures that it names among them.",
            )
        self._sizes[name] = (parts, deep)

    def measure(self, name: str) -> BoundMeasure:
        """Return a measure by name, the query's own among them."""
        return self.own.get(name) or self.cube.measures[name]

    def _known(self, cube: BoundCube) -> dict[str, BoundMeasure]:
        return {
            name: measure
            for name, measure in cube.measures.items()
            if f"{measure.cube}.{measure.name}" not in self.hidden
        }

    def reference(self, text: str, cube: BoundCube | None = None) -> Reference:
        """Return what a name stands for; a hidden measure is not there at all."""
        owner = cube or self.cube
        known = self._known(owner)
        if owner is self.cube:
            known |= self.own
        return read_reference(text, known, owner=f"cube '{owner.name}'")

    def typed(self, text: str, wanted: Type) -> Node:
        """Read an expression over measures."""
        from acrm_olap.definitions.calculations import measure_type

        def kind(name: str) -> Type:
            found = self.reference(name)
            if found.measure in self.own:
                return Type.NUMBER
            return measure_type(self.cube, found.measure)

        node = parse(text)
        found = type_of(node, text, kind)
        if found not in {wanted, Type.NOTHING}:
            needed = "a condition" if wanted is Type.FLAG else "a number"
            raise MeaningError(f"'{text}' is a {found}, not {needed}.")
        return node

    def tree(self, text: str) -> Tree:
        """Return the tree of a measure as it was asked for."""
        found = self.reference(text)
        measure = self.measure(found.measure)
        owner = home_of(self.cube, measure)
        return self._with(owner, measure, found.variants, text)

    def formula(self, text: str, wanted: Type) -> Tree:
        """Return the tree of an expression."""
        node = self.typed(text, wanted)
        return Formula(node, {name: self.tree(name) for name in names(node)})

    def _with(
        self,
        owner: BoundCube,
        measure: BoundMeasure,
        variants: tuple[Variant, ...],
        text: str,
    ) -> Tree:
        """Apply what is asked of a measure, the last named thing outermost."""
        if variants and isinstance(variants[-1], OnAxis):
            inner = self._with(owner, measure, variants[:-1], text)
            return Beside(variants[-1].how, inner)
        if variants and isinstance(variants[-1], Against):
            last = variants[-1]
            by = {"prior": "", "prior_year": "year"}.get(
                last.shift, last.shift.removeprefix("prior_year_")
            )
            now = self._with(owner, measure, variants[:-1], text)
            then = self._with(owner, measure, (*variants[:-1], Shift(by)), text)
            return Difference(now, then, last.relative)
        times: list[TimeVariant] = []
        for variant in variants:
            if isinstance(variant, OnAxis | Against):
                raise MeaningError(
                    f"'{text}' goes through time after a share, rank or change.",
                    hint="Name what goes through time first: 'net.prior_year.rank'.",
                )
            times.append(variant)
        averages = [each for each in times if isinstance(each, Moving) and each.average]
        tree = self._plain(owner, measure, tuple(times))
        if averages:
            if measure.is_calculated or measure.measure.kind not in _SUMMED:
                raise MeaningError(
                    f"'{text}' is a mean of what does not add up.",
                    hint=f"Ask for '{text.replace('moving_avg', 'moving')}': the"
                    " measure over the whole window.",
                )
            tree = Mean(tree, averages[-1].count)
        return tree

    def _plain(
        self, owner: BoundCube, measure: BoundMeasure, times: tuple[TimeVariant, ...]
    ) -> Tree:
        if measure.is_calculated and measure.node is not None:
            trees = {}
            own = self.own.get(measure.name) is measure
            home = self.cube if own else owner
            # What a measure is made of may be hidden; the measure is not. What a
            # query calculates is made of what its caller sees.
            known = {**self._known(home), **self.own} if own else dict(home.measures)
            for name in names(measure.node):
                found = read_reference(name, known, owner=f"cube '{home.name}'")
                inner = known[found.measure]
                trees[name] = self._with(
                    home_of(self.cube, inner) if own else home_of(home, inner),
                    inner, (*found.variants, *times), name,
                )  # fmt: skip
            return Formula(measure.node, trees)
        return Leaf(self.add(Atom(measure.cube, measure, times)))

    def add(self, atom: Atom) -> int:
        """Return the number of an atom, which is added if it is new."""
        if atom not in self.atoms:
            self.atoms.append(atom)
        return self.atoms.index(atom)


def under(tree: Tree) -> Iterator[Tree]:
    """Yield a tree and all trees under it."""
    yield tree
    if isinstance(tree, Formula):
        for each in tree.names.values():
            yield from under(each)
    elif isinstance(tree, Difference):
        yield from under(tree.now)
        yield from under(tree.then)
    elif isinstance(tree, Mean):
        yield from under(tree.total)
    elif isinstance(tree, Beside):
        yield from under(tree.tree)
