"""What makes a whole file unusable, whatever its rows hold."""

from __future__ import annotations

from collections.abc import Mapping

from acrm.errors import InputError
from acrm.loading.casting import Family, can_fit
from acrm.loading.contracts import Table
from acrm.loading.wording import listed
from acrm.words import near_names


def refuse_columns(source_columns: list[str], table: Table, contract: str) -> None:
    """Refuse a file whose columns are not those of its contract.

    Raises
    ------
    InputError
        Naming every missing and extra column, with near names.
    """
    seen: dict[str, str] = {}
    for name in source_columns:
        if not name:
            raise InputError(
                "A column of the file has no name.",
                hint=f"Its header is: {listed(source_columns)}.",
            )
        if name.lower() in seen:
            raise InputError(
                f"The file has the column '{name}' twice"
                + (
                    f" (beside '{seen[name.lower()]}')."
                    if name not in seen.values()
                    else "."
                ),
                hint="Names that differ only in case count as the same.",
            )
        seen[name.lower()] = name
    delivered = set(source_columns)
    missing = [
        column.name
        for column in table.columns
        if column.name not in delivered and not column.optional
    ]
    extra = [name for name in source_columns if name not in table.column_names]
    if not missing and not extra:
        return
    problems = []
    if missing:
        problems.append(f"misses {listed(missing)}")
    if extra:
        problems.append(f"has {listed(extra)}, which the contract does not know")
    near = [
        f"'{name}' may be '{found}'"
        for name in extra
        for found in near_names(name, missing, most=1)
    ]
    raise InputError(
        f"The columns are not those of table '{table.name}': the file "
        + " and ".join(problems)
        + ".",
        hint=(f"{'; '.join(near)}. " if near else "")
        + _delimiter_hint(source_columns)
        + "Have it delivered as agreed, or change the contract: "
        + ("`optional: true` lets a column be absent. " if missing else "")
        + ("List a new column to load it. " if extra else "")
        + f"It stands in {contract}.",
    )


def _delimiter_hint(columns: list[str]) -> str:
    if len(columns) != 1:
        return ""
    used = next((each for each in (";", "\t", "|", ",") if each in columns[0]), None)
    if used is None:
        return ""
    shown = used.replace("\t", "\\t")
    return f'If columns are parted by "{shown}", put `csv: {{delimiter: "{shown}"}}`. '


def refuse_types(
    families: Mapping[str, Family],
    type_names: Mapping[str, str],
    table: Table,
    holder: str = "file",
) -> None:
    """Refuse a file or table with a column whose kind of values can never fit.

    Parameters
    ----------
    families, type_names : mapping of str
        By delivered column: the kind of its values, and its type for messages.
    table : Table
        The contract.
    holder : str, default "file"
        What the message calls the delivery.

    Raises
    ------
    InputError
        Naming each such column, the type found and the type promised.
    """
    wrong = [
        f"{column.name} holds {families[column.name].value} "
        f"({type_names[column.name]}) where {column.data_type.sql} is promised"
        for column in table.columns
        if column.name in families and not can_fit(families[column.name], column)
    ]
    if wrong:
        raise InputError(
            f"The {holder} is not what it says: {'; '.join(wrong)}.",
            hint="Deliver the column as promised, or change its data_type in the "
            "contract.",
        )
