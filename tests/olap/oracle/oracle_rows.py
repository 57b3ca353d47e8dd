"""Rows of facts beside the members they belong to: joined in Python, one by one."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from oracle_values import value_of

from acrm_olap.definitions.model import Period


class Star:
    """The tables of a file as lists of dictionaries."""

    def __init__(self, connection):
        self.connection = connection
        self._tables = {}
        self._members = {}
        self._trees = {}
        self._rows_of = {}
        self._keys = {}

    def table(self, name):
        if name not in self._tables:
            found = self.connection.execute(f"select * from {name}")
            titles = [each[0] for each in found.description]
            self._tables[name] = [
                dict(zip(titles, row, strict=True)) for row in found.fetchall()
            ]
        return self._tables[name]

    def looked_up(self, row, joins):
        """Return a row with the columns of the tables joined to it."""
        found = dict(row)
        for each in joins:
            title = each.table.rpartition(".")[2]
            match = next(
                (
                    there
                    for there in self.table(each.table)
                    if all(
                        found[here] is not None and there[key] == found[here]
                        for here, key in each.on.items()
                    )
                ),
                None,
            )
            for column in self.table(each.table)[0]:
                found[f"{title}.{column}"] = match[column] if match else None
        return found

    def versions(self, dimension, as_of):
        """Return the one version of each member, by its durable key."""
        history = dimension.history
        rows = self.table(dimension.table)
        if as_of == "is":
            rows = sorted(rows, key=lambda row: row[history.valid_from])
        else:
            end = date.fromisoformat(as_of) + timedelta(days=1)
            rows = [
                row
                for row in rows
                if row[history.valid_from] < end <= row[history.valid_to]
            ]
        return {row[history.durable_key]: row for row in rows}

    def members(self, use, as_of):
        """Return the rows of a dimension, each as the version that was asked for."""
        known = (use.dimension.dimension, use.use.span is not None, as_of)
        if known not in self._members:
            self._members[known] = self._rows(use, as_of)
        return self._members[known]

    def _rows(self, use, as_of):
        dimension = use.dimension
        rows = self.table(dimension.table)
        if dimension.history is None or as_of == "was":
            pairs = [(row, row) for row in rows]
        elif use.use.span is not None:
            pairs = [(row, row) for row in self.versions(dimension, as_of).values()]
        else:
            chosen = self.versions(dimension, as_of)
            nothing = dict.fromkeys(rows[0])
            durable = dimension.history.durable_key
            pairs = [(row, chosen.get(row[durable], nothing)) for row in rows]
        return [
            {
                "_key": row[dimension.key],
                "_own": row,
                **self.looked_up(version, dimension.joins),
            }
            for row, version in pairs
        ]

    def member(self, use, row, as_of):
        """Return the member that a row of the fact belongs to, or None."""
        if use.dimension is None:
            return row
        if use.use.at:
            found = {
                key: row[column]
                for level, column in use.use.at.items()
                for key in use.levels[level].level.keys
            }
            leaf = use.leaf.level.keys[0]
            # Any day of the finest period that is known stands for it.
            return next(
                ({**each, **found} for each in self.members(use, "was")
                 if each[leaf] == found[leaf] is not None),
                found,
            )  # fmt: skip
        if use.use.span is None:
            known = (use.dimension.dimension, as_of)
            if known not in self._keys:
                self._keys[known] = {
                    each["_key"]: each for each in self.members(use, as_of)
                }
            return self._keys[known].get(row[use.use.key])
        history = use.dimension.history
        durable, at = row[use.use.span.key], row[use.use.span.date]
        for each in self.members(use, as_of):
            own = each["_own"]
            if own[history.durable_key] != durable:
                continue
            if as_of != "was":
                return each
            if at is not None and own[history.valid_from] <= at < own[history.valid_to]:
                return each
        return None

    def rows(self, cube, as_of):
        """Return the rows of a cube, with the member of each dimension."""
        known = (cube.name, as_of)
        if known not in self._rows_of:
            self._rows_of[known] = self._joined(cube, as_of)
        return self._rows_of[known]

    def _joined(self, cube, as_of):
        found = []
        for row in self.table(cube.base.fact):
            whole = self.looked_up(row, cube.base.joins)
            if cube.where is not None and not value_of(cube.where, whole.get):
                continue
            members = {
                name: self.member(use, whole, as_of) for name, use in cube.uses.items()
            }
            found.append((whole, members))
        return found

    def ancestors(self, use, level, key, as_of):
        """Return a member of a tree and all above it."""
        known = (use.dimension.dimension, level.tree, as_of)
        if known not in self._trees:
            parent = use.hierarchies[level.tree].parent
            (column,) = level.level.keys
            self._trees[known] = {
                row[column]: row[parent] for row in self.members(use, as_of)
            }
        parents = self._trees[known]
        found = [key]
        while parents.get(found[-1]) in parents and parents[found[-1]] not in found:
            found.append(parents[found[-1]])
        return found


def keys_of(level, member):
    """Return the key of the member of a level; nothing for no member."""
    if member is None:
        return (None,) * len(level.level.keys)
    return tuple(member[key] for key in level.level.keys)


def days_of(text):
    """Return the first and last day of a period as people write it."""
    if isinstance(text, date):
        return text, text, Period.DAY
    text = str(text)
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 1, 1), date(int(text), 12, 31), Period.YEAR
    if re.fullmatch(r"\d{4}-Q\d", text):
        year, quarter = int(text[:4]), int(text[-1])
        return *months(year, 3 * quarter - 2, 3), Period.QUARTER
    if re.fullmatch(r"\d{4}-\d\d", text):
        return *months(int(text[:4]), int(text[5:]), 1), Period.MONTH
    day = date.fromisoformat(text)
    return day, day, Period.DAY


def months(year, month, count):
    after = year * 12 + month - 1 + count
    first = date(year, month, 1)
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def is_days(cube, cut):
    """Whether a cut names periods of a bare time dimension."""
    use = cube.uses[cut.level.partition(".")[0]]
    return (
        cut.level == use.name
        and use.is_time
        and use.dimension is not None
        and use.dimension.calendar is not None
        and cut.operator in {"in", "range"}
    )


def members_of(cube, cut):
    """Return the members that a cut names, each as a tuple of keys."""
    found = []
    for value in cut.values:
        if isinstance(value, str) and value.startswith("@"):
            found += [(each,) for each in cube.sets[value[1:]].members]
        else:
            found.append(value if isinstance(value, tuple) else (value,))
    return found


def holds(star, cube, cut, members, as_of):
    """Whether a row whose dimensions have these members is inside of a cut."""
    level = cube.level(cut.level)
    use = cube.uses[level.use]
    member = members[level.use]
    if is_days(cube, cut):
        day = plain_day(member.get(use.dimension.calendar.date)) if member else None
        return day is not None and any(
            first <= day <= last for first, last in spans(cut)
        )
    key = keys_of(level, member)
    if cut.operator == "is null":
        return None in key
    if cut.operator == "is not null":
        return None not in key
    if level.tree:
        above = (
            star.ancestors(use, level, key[0], as_of) if key[0] is not None else [None]
        )
        found = any((each,) in members_of(cube, cut) for each in above)
    elif cut.operator == "matches":
        pattern = ".*".join(map(re.escape, cut.values[0].split("%")))
        found = None not in key and bool(
            re.fullmatch(pattern, str(key[-1]), re.IGNORECASE | re.DOTALL)
        )
    elif cut.operator.endswith("range"):
        first, last = cut.values
        found = None not in key and all(
            (
                first is None or as_tuple(first) <= key,
                last is None or key <= as_tuple(last),
            )
        )
    else:
        wanted = members_of(cube, cut)
        found = key in wanted or (None in key and any(None in each for each in wanted))
    return not found if cut.operator.startswith("not") else found


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def plain_day(value):
    return value.date() if isinstance(value, datetime) else value


def spans(cut):
    """Return the stretches of days of a cut."""
    if cut.operator == "in":
        return [days_of(each)[:2] for each in cut.values]
    first, last = cut.values
    return [
        (
            days_of(first)[0] if first is not None else date.min,
            days_of(last)[1] if last is not None else date.max,
        )
    ]
