"""Propose aggregates from what queries asked: those that save most rows, first.

What a query costs is taken to be the rows that it reads: those of the fact, or of the
smallest proposed table that answers it. A proposal is a grouping that some queries
asked for, or two of these together; the one that saves most is taken, what is left is
weighed anew, until nothing saves enough.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

from acrm_olap.aggregates.asks import Ask
from acrm_olap.aggregates.tables import DISTINCT, signatures
from acrm_olap.definitions import BoundCube, BoundLevel, BoundUse
from acrm_olap.errors import CubeError

LEAST_GAIN = 0.01
MOST_ROWS = 0.5
MOST_GROUPINGS = 40


@dataclass(frozen=True)
class Grouping:
    """What a table would be grouped by: levels, keys, and a counted measure if any."""

    levels: frozenset[str]
    keys: frozenset[str]
    counted: str = ""


class Sizes(Protocol):
    """What is known of a file: how large groupings are, which level decides which."""

    def rows(self, cube: BoundCube) -> int:
        """Return how many rows a fact has."""

    def sizes(self, cube: BoundCube, groupings: Sequence[Grouping]) -> list[int]:
        """Return about how many rows tables would have."""

    def decides(self, use: BoundUse, finer: BoundLevel, level: BoundLevel) -> bool:
        """Return whether each member of a level is in one member of another."""


@dataclass(frozen=True)
class Proposal:
    """An aggregate worth having.

    Parameters
    ----------
    cube, name : str
        Of which cube, and how it could be called.
    levels, keys, measures : tuple of str
        What to declare.
    rows : int
        About how many rows its tables have, together.
    fact_rows : int
        How many its fact has.
    queries : int
        How many of the noted queries it answers.
    gain : float
        Share that it saves of all rows that the noted queries of its cube read.
    """

    cube: str
    name: str
    levels: tuple[str, ...]
    keys: tuple[str, ...]
    measures: tuple[str, ...]
    rows: int
    fact_rows: int
    queries: int
    gain: float

    def yaml(self) -> str:
        """Return it as it stands under ``aggregates:`` of its cube."""
        lines = [f"  {self.name}:"]
        for title in ("keys", "levels", "measures"):
            values = getattr(self, title)
            if values:
                lines.append(f"    {title}: [{', '.join(values)}]")
        return "\n".join(lines)


def read_log(path: Path) -> Counter[Ask]:
    """Return what was asked, and how often, of queries that facts had to answer.

    Raises
    ------
    CubeError
        If there is no such file, or a line is none of a log.
    """
    found: Counter[Ask] = Counter()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CubeError(
            f"The log of queries cannot be read: {error.strerror}.",
            where=str(path),
            hint="Give a file that `connect(..., log=...)` has written.",
        ) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            noted = json.loads(line)
            asks = [_ask(each) for each in noted["asks"]]
            served = noted["served_by"]
        except (ValueError, KeyError, TypeError) as error:
            raise CubeError(
                "A line of the log is no noted query.",
                where=f"{path}, line {number}",
                hint="Each is an object with asks, served_by and seconds, as"
                " `connect(..., log=...)` writes them.",
            ) from error
        if served == "facts":
            found.update(asks)
    return found


def _ask(noted: Mapping[str, Any]) -> Ask:
    parts = [noted[title] for title in ("levels", "keys", "measures")]
    if not all(isinstance(each, list) for each in parts):
        raise TypeError(noted)
    return Ask(noted["cube"], *(tuple(map(str, each)) for each in parts))


def advise(
    cube: BoundCube, asked: Counter[Ask], sizes: Sizes, most: int = 5
) -> list[Proposal]:
    """Return aggregates of a cube that are worth having, the best first.

    Parameters
    ----------
    cube : BoundCube
        Not a virtual one.
    asked : Counter of Ask
        What was asked of it, and how often.
    sizes : Sizes
        What is known of the file.
    most : int
        How many at most.
    """
    advising = _Advising(cube, asked, sizes)
    return list(advising.proposals(most))


class _Advising:
    def __init__(self, cube: BoundCube, asked: Counter[Ask], sizes: Sizes) -> None:
        self.cube = cube
        self.sizes = sizes
        self.asked = {
            ask: count
            for ask, count in asked.items()
            if ask.cube == cube.name and self._is_answerable(ask)
        }
        self.fact_rows = sizes.rows(cube)
        self.cost = dict.fromkeys(self.asked, self.fact_rows)
        self.known: dict[Grouping, int] = {}

    def _is_answerable(self, ask: Ask) -> bool:
        """Whether tables can answer, and what was asked is still there."""
        roles = {path.partition(".")[0] for path in ask.levels} | set(ask.keys)
        return (
            set(ask.levels) <= set(self.cube.level_paths)
            and roles <= set(self.cube.uses)
            and all(
                name in self.cube.measures and signatures(self.cube.measures[name])
                for name in ask.measures
            )
        )

    def proposals(self, most: int) -> Iterable[Proposal]:
        total = sum(count * self.fact_rows for count in self.asked.values())
        candidates = self._candidates()
        self._measure(candidates)
        names: set[str] = set(self.cube.base.aggregates)
        for _ in range(most):
            best = max(candidates, key=self._saves, default=None)
            if best is None or self._saves(best) < LEAST_GAIN * total:
                return
            gain = self._saves(best) / total
            better = [ask for ask in self.asked if self._is_better(best, ask)]
            for ask in better:
                self.cost[ask] = self._cost(best, ask) or 0
            yield self._proposal(best, better, gain, names)

    def _candidates(self) -> list[Grouping]:
        weights: Counter[Grouping] = Counter()
        for ask, count in self.asked.items():
            if ask.levels or ask.keys:
                weights[Grouping(frozenset(ask.levels), frozenset(ask.keys))] += count
        first = [each for each, _ in weights.most_common(MOST_GROUPINGS)]
        both = [
            Grouping(one.levels | other.levels, one.keys | other.keys)
            for one, other in combinations(first, 2)
        ]
        return list(dict.fromkeys(self._without_doubles(each) for each in first + both))

    def _without_doubles(self, grouping: Grouping) -> Grouping:
        """Leave out levels that a key, or another level, already decides."""
        levels = grouping.levels
        for path in sorted(levels):
            if self._has(Grouping(levels - {path}, grouping.keys), path):
                levels -= {path}
        return Grouping(levels, grouping.keys)

    def _has(self, grouping: Grouping, path: str) -> bool:
        role, _, name = path.partition(".")
        if path in grouping.levels or role in grouping.keys:
            return True
        use = self.cube.uses[role]
        return use.dimension is not None and any(
            self.sizes.decides(
                use, use.levels[each.partition(".")[2]], use.levels[name]
            )
            for each in grouping.levels
            if each.partition(".")[0] == role
        )

    def _measure(self, candidates: list[Grouping]) -> None:
        counted = sorted({
            name
            for ask in self.asked
            for name in ask.measures
            if self.cube.measures[name].measure.kind in DISTINCT
        })  # fmt: skip
        every = [
            Grouping(each.levels, each.keys, name)
            for each in candidates
            for name in ("", *counted)
        ]
        self.known = dict(zip(every, self.sizes.sizes(self.cube, every), strict=True))

    def _cost(self, grouping: Grouping, ask: Ask) -> int | None:
        """Return the rows that a query reads of a grouping; None if it cannot."""
        if not set(ask.keys) <= grouping.keys:
            return None
        if not all(self._has(grouping, path) for path in ask.levels):
            return None
        rows = 0
        summed = False
        for name in ask.measures:
            if self.cube.measures[name].measure.kind in DISTINCT:
                rows += self.known[Grouping(grouping.levels, grouping.keys, name)]
            else:
                summed = True
        return rows + (self.known[grouping] if summed else 0)

    def _saves(self, grouping: Grouping) -> int:
        return sum(
            count * (self.cost[ask] - (self._cost(grouping, ask) or 0))
            for ask, count in self.asked.items()
            if self._is_better(grouping, ask)
        )

    def _is_better(self, grouping: Grouping, ask: Ask) -> bool:
        cost = self._cost(grouping, ask)
        most = min(MOST_ROWS * self.fact_rows, self.cost[ask] - 1)
        return cost is not None and cost <= most

    def _proposal(
        self, grouping: Grouping, asks: list[Ask], gain: float, names: set[str]
    ) -> Proposal:
        measures = sorted({name for ask in asks for name in ask.measures})
        kinds = {name: self.cube.measures[name].measure.kind for name in measures}
        rows = sum(
            self.known[Grouping(grouping.levels, grouping.keys, name)]
            for name in measures
            if kinds[name] in DISTINCT
        )
        if any(kind not in DISTINCT for kind in kinds.values()):
            rows += self.known[grouping]
        parts = [path.split(".") for path in sorted(grouping.levels)]
        paths = ["_".join(dict.fromkeys(each)) for each in parts]
        name = base = "_".join([*sorted(grouping.keys), *paths])
        number = 1
        while name in names:
            number += 1
            name = f"{base}_{number}"
        names.add(name)
        return Proposal(
            self.cube.name, name, tuple(sorted(grouping.levels)),
            tuple(sorted(grouping.keys)), tuple(measures), rows, self.fact_rows,
            sum(self.asked[ask] for ask in asks), gain,
        )  # fmt: skip
