"""The SQL that holds a delivered file against its contract.

Each row meets its first fault or none: a fault is a small number that says which
rule of which column broke. Good rows have none. Keys are looked at last, among
rows that are good otherwise, so that a broken row never displaces a good one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from acrm.loading import sql_text
from acrm.loading.casting import Family, typed
from acrm.loading.contracts import Column, Table
from acrm.loading.sources import Source
from acrm.loading.staged import (
    FAULT_CODE,
    FAULT_COLUMN,
    FAULT_JSON,
    FAULT_REASON,
    ROW_NUMBER,
)
from acrm.loading.wording import VALUE_WIDTH, listed

_UNREADABLE_ROW = -1


class Rule(Enum):
    """What a value can break."""

    TYPE = 0
    MISSING = 1
    MINIMUM = 2
    MAXIMUM = 3
    ALLOWED = 4


@dataclass(frozen=True)
class _Check:
    fault: int
    column: Column
    condition: str
    code: str
    reason: str


class Checks:
    """The checks of one file against one contract, as SQL.

    Parameters
    ----------
    source : Source
        The delivered file.
    table : Table
        Its contract.
    """

    def __init__(self, source: Source, table: Table) -> None:
        self.table = table
        self.source = source
        self.delivered = list(source.families)
        self._names = {name: f"_s{at}" for at, name in enumerate(self.delivered)}
        self._typed = {
            column.name: f"_t{at}" for at, column in enumerate(table.columns)
        }
        self._checks = [
            check
            for at, column in enumerate(table.columns)
            if column.name in self._names
            for check in self._of_column(at, column)
        ]

    def _of_column(self, at: int, column: Column) -> list[_Check]:
        given = self._value(column.name)
        value = self._typed[column.name]
        shown = _shown(self._names[column.name])
        label = sql_text.literal(f"{column.name}: ")
        checks = []

        def add(rule: Rule, condition: str, code: str, reason: str) -> None:
            fault = at * len(Rule) + rule.value
            checks.append(
                _Check(fault, column, condition, code, f"{label} || {reason}")
            )

        add(
            Rule.TYPE,
            f"{given} is not null and {value} is null",
            "bad_date" if column.data_type.is_moment else "wrong_type",
            f"{shown} || {sql_text.literal(_no_such(column))}",
        )
        if column.required or column.name in self.table.key:
            why = "the contract requires it" if column.required else "it is in the key"
            add(
                Rule.MISSING,
                f"{given} is null",
                "missing_value",
                sql_text.literal(f"is empty, but {why}"),
            )
        for rule, sign, bound, words in (
            (Rule.MINIMUM, "<", column.minimum, "less than the minimum"),
            (Rule.MAXIMUM, ">", column.maximum, "more than the maximum"),
        ):
            if bound is not None:
                problem = sql_text.literal(f" is {words} {bound}")
                limit = sql_text.literal(bound)
                add(
                    rule,
                    f"{value} {sign} {limit}",
                    "out_of_range",
                    f"{shown} || {problem}",
                )
        if column.allowed:
            values = ", ".join(sql_text.literal(each) for each in column.allowed)
            words = sql_text.literal(f" is none of {listed(map(str, column.allowed))}")
            condition = f"{value} not in ({values})"
            add(Rule.ALLOWED, condition, "not_allowed", f"{shown} || {words}")
        return checks

    def _value(self, name: str) -> str:
        """Return SQL of a delivered value, null where its text stands for none."""
        given = self._names[name]
        if self.source.families[name] is not Family.TEXT or not self.source.null_values:
            return given
        nulls = ", ".join(sql_text.literal(each) for each in self.source.null_values)
        return f"case when {given} not in ({nulls}) then {given} end"

    @property
    def rows(self) -> str:
        """A select of every row: what was delivered, the typed values, its fault."""
        delivered = ", ".join(
            f"{sql_text.name(name)}::varchar as {alias}"
            if self.source.families[name] is Family.TEXT
            else f"{sql_text.name(name)} as {alias}"
            for name, alias in self._names.items()
        )
        own = (
            f"{ROW_NUMBER}, {FAULT_CODE}, {FAULT_COLUMN}, {FAULT_REASON}, {FAULT_JSON}"
        )
        values = ", ".join(
            f"{self._typed_value(column)} as {self._typed[column.name]}"
            for column in self.table.columns
        )
        whens = " ".join(
            f"when {check.condition} then {check.fault}" for check in self._checks
        )
        return (
            f"select *, case when {FAULT_CODE} is not null then {_UNREADABLE_ROW} "
            f"{whens} end as _fault from (select *, {values} from "
            f"(select {own}, {delivered} from ({self.source.sql})))"
        )

    def _typed_value(self, column: Column) -> str:
        if column.name not in self._names:
            return f"null::{column.data_type.sql}"
        family = self.source.families[column.name]
        return typed(self._value(column.name), family, column)

    def good_rows(self, own_columns: str = "") -> str:
        """Return a select of the good rows under the contract's names.

        Parameters
        ----------
        own_columns : str, default ""
            SQL of columns to put after them.
        """
        values = ", ".join(
            f"{self._typed[column.name]} as {sql_text.name(column.name)}"
            for column in self.table.columns
        )
        return (
            f"select {values}, {own_columns or ROW_NUMBER} "
            f"from ({self.rows}) where _fault is null"
        )

    @property
    def type_faults(self) -> str:
        """A select of one row: counts of rows, of unreadable ones, then by column."""
        counts = "".join(
            f", count(*) filter ({check.condition})" for check in self._type_checks
        )
        return f"select count(*), count({FAULT_CODE}){counts} from ({self.rows})"

    @property
    def type_columns(self) -> list[Column]:
        """The columns that ``type_faults`` counts, in order."""
        return [check.column for check in self._type_checks]

    @property
    def _type_checks(self) -> list[_Check]:
        first = Rule.TYPE.value
        return [each for each in self._checks if each.fault % len(Rule) == first]

    def first_type_fault(self, column: Column) -> str:
        """Return a select of the first row, and value, that breaks a column's type."""
        check = next(each for each in self._type_checks if each.column is column)
        shown = _shown(self._names[column.name])
        return (
            f"select {ROW_NUMBER}, {shown} from ({self.rows}) where {check.condition} "
            f"order by {ROW_NUMBER} limit 1"
        )

    @property
    def first_unreadable(self) -> str:
        """A select of the first row that could not be read, and why."""
        return (
            f"select {ROW_NUMBER}, {FAULT_REASON} from ({self.source.sql}) "
            f"where {FAULT_CODE} is not null order by {ROW_NUMBER} limit 1"
        )

    @property
    def faulty_rows(self) -> str:
        """A select of each faulty row: number, code, column, reason, row as JSON."""
        codes, columns, reasons = (
            " ".join(f"when {check.fault} then {text}" for check, text in texts)
            for texts in (
                [(each, sql_text.literal(each.code)) for each in self._checks],
                [(each, sql_text.literal(each.column.name)) for each in self._checks],
                [(each, each.reason) for each in self._checks],
            )
        )
        unreadable = f"when {_UNREADABLE_ROW} then"
        return (
            f"select {ROW_NUMBER}, "
            f"case _fault {unreadable} {FAULT_CODE} {codes} end as reason_code, "
            f"case _fault {unreadable} {FAULT_COLUMN} {columns} end as column_name, "
            f"case _fault {unreadable} {FAULT_REASON} {reasons} end as reason, "
            f"case when _fault = {_UNREADABLE_ROW} then {FAULT_JSON} "
            f"else {self._row_json} end as row_json "
            f"from ({self.rows}) where _fault is not null"
        )

    @property
    def _row_json(self) -> str:
        pairs = ", ".join(
            f"{sql_text.name(name)} := {alias}::varchar"
            for name, alias in self._names.items()
        )
        return f"to_json(struct_pack({pairs}))::varchar"

    def repeated_keys(self, good_rows: str) -> str:
        """Return a select of the keys that stand in more than one good row."""
        key = self._key
        return f"select {key} from ({good_rows}) group by {key} having count(*) > 1"

    def repeated_rows(self, good_rows: str, keys: str) -> str:
        """Return a select like ``faulty_rows`` of rows whose key stood before.

        Parameters
        ----------
        good_rows : str
            A relation of the good rows under the contract's names.
        keys : str
            A relation of the repeated keys.
        """
        names = [sql_text.name(name) for name in self.table.column_names]
        values = "struct_pack(" + ", ".join(f"{name} := {name}" for name in names) + ")"
        shown = " || ', ' || ".join(
            f"{sql_text.literal(f'{each} ')} || {_shown(sql_text.name(each))}"
            for each in self.table.key
        )
        window = f"over (partition by {self._key} order by {ROW_NUMBER})"
        repeated = (
            f"select {ROW_NUMBER}, first_row, is_same, "
            f"'key (' || {shown} || ') already stands in row ' || first_row as reason "
            f"from (select *, first_value({ROW_NUMBER}) {window} as first_row, "
            f"first_value({values}) {window} is not distinct from {values} as is_same "
            f"from ({good_rows}) semi join {keys} using ({self._key})) "
            f"where {ROW_NUMBER} <> first_row"
        )
        return (
            f"select {ROW_NUMBER}, "
            "case when is_same then 'repeated_row' else 'duplicate_key' end, "
            "null::varchar, "
            "case when is_same then 'the same as row ' || first_row else reason end, "
            f"row_json from ({repeated}) join "
            f"(select {ROW_NUMBER}, {self._row_json} as row_json from ({self.rows})) "
            f"using ({ROW_NUMBER})"
        )

    @property
    def _key(self) -> str:
        return ", ".join(sql_text.name(name) for name in self.table.key)


def _shown(value: str) -> str:
    """Return SQL of a value in quotes, clipped."""
    text = f"coalesce({value}::varchar, '')"
    return (
        f"chr(39) || case when length({text}) > {VALUE_WIDTH} "
        f"then left({text}, {VALUE_WIDTH - 1}) || '…' else {text} end || chr(39)"
    )


def _no_such(column: Column) -> str:
    """Return what to say of a value that is not of the promised type."""
    data_type = column.data_type
    words = {
        "boolean": "true, false, yes, no, 1 or 0",
        "date": "a day that exists, written YYYY-MM-DD, of the years 1900 to 2200",
        "timestamp": "a moment that exists, written YYYY-MM-DD HH:MM:SS, of the years "
        "1900 to 2200",
        "varchar": "text without a NUL character",
        "double": "a finite number",
        "decimal": f"a number with at most {data_type.precision - data_type.scale} "
        f"digits before and {data_type.scale} after the point",
    }.get(data_type.name, "a whole number in range")
    if column.time_format is not None:
        words = f"a moment that exists, written {column.time_format}"
    return f" is no {data_type.sql}: it has to be {words}"
