"""Names of columns and tables, whatever signs they have.

A name is written as it is, with a dot between table and column or schema and table:
``Store Sales``, ``stores.the year``. What has dots, double quotes, or blanks at its
ends stands in double quotes, as in SQL; a quote inside is doubled: ``"v1.2".amount``.
"""

from __future__ import annotations

import re

WORDS = {"and", "or", "not", "in", "is", "null", "true", "false"}
_BARE = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def name_parts(text: str) -> tuple[str, ...]:
    """Return the parts of a name, without quotes.

    Parameters
    ----------
    text : str
        ``stores.the year``.

    Raises
    ------
    ValueError
        If it is no name: an empty part, or a quote that is not closed.
    """
    found: list[str] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(
                f"'{text}' is no name: parts are parted by dots, and what has dots or"
                ' double quotes stands in double quotes: "v1.2".amount'
            )
        quoted, plain = match.groups()
        found.append(plain.strip() if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if at == len(text):
            break
        if text[at] != ".":
            raise ValueError(f"'{text}' is no name: a dot is expected after a quote")
        at += 1
    if not all(found):
        raise ValueError(f"'{text}' is no name: a part of it is empty")
    return tuple(found)


def written_name(*parts: str) -> str:
    """Return a name of its parts, in quotes where it needs them.

    Parameters
    ----------
    *parts : str
        Table and column, or one of them.
    """
    return ".".join(
        part if _PART.fullmatch(part) and part == part.strip() and '"' not in part
        else _quoted(part)
        for part in parts
    )  # fmt: skip


def quoted_name(text: str) -> str:
    """Return a name as expressions have it, in quotes where these need them."""
    return ".".join(
        part if _BARE.fullmatch(part) and part.lower() not in WORDS else _quoted(part)
        for part in name_parts(text)
    )


def split_name(text: str) -> tuple[str, str]:
    """Return the table of a column, empty if none is named, and the bare column.

    Parameters
    ----------
    text : str
        ``stores.the year``; of a table, its schema and its bare name.
    """
    *before, last = name_parts(text)
    return ".".join(before), last


def _quoted(part: str) -> str:
    return '"' + part.replace('"', '""') + '"'
