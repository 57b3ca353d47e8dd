"""The vocabulary of cuts and drilldowns in URLs.

::

    cut=date:2024|product.class:3;4|!channel:web|date:2024-01..2024-06
    drilldown=customer:region|date:year

A cut is ``level:members``. ``;`` parts members, ``,`` the keys of one member, ``..``
the ends of a range, either of which may be left out; ``!`` before it turns it round; a
member with ``%`` after ``~`` is a pattern: ``product.product:~Sm%``. An empty member
stands for one without a value. A backslash takes the next sign for itself.
"""

from __future__ import annotations

from acrm_olap.errors import MeaningError
from acrm_olap.query import Cut

_HINT = "Write cut=date:2024|customer.region:North;South|date:2024-01..2024-06."
_MARKS = {"|": "\ue000", ";": "\ue001", ",": "\ue002", ":": "\ue003", "!": "\ue004",
          "~": "\ue005", ".": "\ue006", "\\": "\ue007"}  # fmt: skip
_SIGNS = {mark: sign for sign, mark in _MARKS.items()}


def read_cuts(text: str) -> tuple[Cut, ...]:
    """Return the cuts of a ``cut`` parameter.

    Parameters
    ----------
    text : str
        ``date:2024|product:3``.

    Raises
    ------
    MeaningError
        If a part is no cut.
    """
    return tuple(_cut(part) for part in _marked(text).split("|")) if text else ()


def read_levels(texts: list[str]) -> tuple[str, ...]:
    """Return the levels of ``drilldown`` parameters: ``customer:region|date:year``."""
    found = []
    for text in texts:
        for part in text.split("|"):
            level = part.strip().replace(":", ".")
            if not level:
                raise MeaningError(
                    f"'{text}' has a level without a name.",
                    hint="Write drilldown=customer:region|date:year.",
                )
            found.append(level)
    return tuple(found)


def _cut(part: str) -> Cut:
    turned = part.startswith("!")
    level, colon, members = part.removeprefix("!").partition(":")
    level = _plain(level).strip()
    if not colon or not level:
        raise MeaningError(f"'{_plain(part)}' is no cut.", hint=_HINT)
    if members.startswith("~"):
        if turned:
            raise MeaningError(
                f"'{_plain(part)}' turns a pattern round.",
                hint="Name the members, or leave the ! out.",
            )
        return Cut(level, "matches", (_plain(members[1:]),))
    if ".." in members:
        first, _, last = members.partition("..")
        if ".." in last or ";" in members:
            raise MeaningError(f"'{_plain(part)}' is no range.", hint=_HINT)
        ends = (_member(first), _member(last))
        if ends == (None, None):
            raise MeaningError(f"'{_plain(part)}' has no end.", hint=_HINT)
        return Cut(level, "not range" if turned else "range", ends)
    values = tuple(_member(each) for each in members.split(";"))
    return Cut(level, "not in" if turned else "in", values)


def _member(text: str) -> object:
    if not text:
        return None
    keys = [_plain(each) for each in text.split(",")]
    return keys[0] if len(keys) == 1 else tuple(keys)


def _marked(text: str) -> str:
    """Put a mark in place of each sign after a backslash."""
    found = []
    signs = iter(text)
    for sign in signs:
        if sign in _SIGNS:
            raise MeaningError(
                f"'{text}' has a sign of no language.", hint="Leave it out."
            )
        if sign == "\\":
            escaped = next(signs, "")
            if not escaped:
                raise MeaningError(
                    f"'{text}' ends with a backslash.", hint="Write \\\\ for one."
                )
            found.append(_MARKS.get(escaped, escaped))
        else:
            found.append(sign)
    return "".join(found)


def _plain(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text)
