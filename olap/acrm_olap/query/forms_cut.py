r"""Cuts and lists of names as the parameters of a URL have them.

=====================================  ============================================
``date:2024``                          one member
``product.class:3;4``                  a set; ``()`` is the empty one
``date:2024-01..2024-06``              a range, of which either end may be left out
``!channel:web``                       all others; also before a set and a range
``product.product:~Sm%``               a pattern, with ``%`` for anything
``date.quarter:2024,1``                a member of several keys; also ``[2024, 1]``
``customer.region:``                   members without a value; also ``null``
``customer.name:Smith\, J.``            a backslash takes the next sign for itself
``customer.name:"Smith, J."``          a member in quotes; a quote inside is doubled
=====================================  ============================================

A dimension alone takes periods or its finest members: ``date:2024-03``. What could be
meant both ways, a bare ``null`` or a member that begins with a quote or ``[``, is read
as programs write it; a backslash before it makes a text of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from acrm_olap.query.cuts import Cut
from acrm_olap.query.forms_text import Scanner

_PARTING = "|;,"
_HINT = "Write it as in: cut=date:2024|customer.region:North;South."


def read_list(scanner: Scanner, read: Any, signs: str = "|,") -> list[Any]:
    """Take what is parted by signs; nothing at all is an empty list."""
    if scanner.ended:
        return []
    found = [read(scanner)]
    while any(scanner.take(sign) for sign in signs):
        found.append(read(scanner))
    if not scanner.ended:
        scanner.fail(
            "More follows than can be read.",
            hint="Names are parted by commas or |."
            if "," in signs
            else "Cuts are parted by |, members of a set by ;. A member with such signs"
            ' stands in quotes: "Bread; rolls".',
        )
    return found


def read_url_cuts(texts: Iterable[str]) -> tuple[Cut, ...]:
    """Return the cuts of ``cut`` parameters: ``date:2024|product.class:3;4``.

    Parameters
    ----------
    texts : iterable of str
        Decoded; each may hold several cuts.

    Raises
    ------
    FormError
        If one is no cut, with the place.
    """
    return tuple(
        cut for text in texts for cut in read_list(Scanner(text, "cut"), read_cut, "|")
    )


def read_url_names(texts: Iterable[str], what: str) -> list[str]:
    """Return the levels or columns of a parameter, parted by commas or ``|``.

    Parameters
    ----------
    texts : iterable of str
        Decoded.
    what : str
        Which parameter, for messages.

    Raises
    ------
    FormError
        If one is no name, with the place.
    """
    return [
        name for text in texts for name in read_list(Scanner(text, what), read_level)
    ]


def read_cut(scanner: Scanner) -> Cut:
    """Take ``level:members``; ``!`` before it turns it round."""
    turned = scanner.take("!")
    at = scanner.at
    level = read_name(scanner, "A level or dimension")
    if scanner.take("@"):
        hierarchy = read_name(scanner, "A hierarchy")
        scanner.fail(
            f"A cut by the hierarchy '{hierarchy}' does not say its level.",
            hint=f"Name the level: {level}.{hierarchy}.LEVEL:member.",
            at=at,
        )
    if not scanner.take(":"):
        scanner.fail(
            "A colon is expected between level and members.",
            hint=_HINT,
        )
    if scanner.take("~"):
        if turned:
            scanner.fail(
                "A pattern cannot be turned round.",
                hint="Name the members, or leave the ! out.",
                at=at,
            )
        return Cut(level, "matches", (_read_key(scanner, "|", is_text=True),))
    operator, values = _read_members(scanner)
    return Cut(level, f"not {operator}" if turned else operator, values)


def _read_members(scanner: Scanner) -> tuple[str, tuple[Any, ...]]:
    """Take a set or a range of members, and say which."""
    at = scanner.at
    if scanner.take("("):
        if scanner.take(")") and (scanner.ended or scanner.sees("|")):
            return "in", ()
        scanner.at = at
    first = _read_member(scanner)
    if scanner.take(".."):
        return "range", (first, _read_member(scanner))
    members = [first]
    while scanner.take(";"):
        members.append(_read_member(scanner))
    return "in", tuple(members)


def _read_member(scanner: Scanner) -> Any:
    """Take a member; of a level with several keys, these with commas between."""
    found = [_read_key(scanner)]
    while scanner.take(","):
        found.append(_read_key(scanner))
    return found[0] if len(found) == 1 else tuple(found)


def _read_key(
    scanner: Scanner, parting: str = _PARTING, *, is_text: bool = False
) -> Any:
    """Take signs up to one that parts; a backslash takes the next for itself."""
    if not is_text and scanner.sees("["):
        return scanner.member()
    if scanner.sees_quote:
        return scanner.quoted()
    member, is_plain = _take(scanner, parting, "" if is_text else "..")
    is_missing = is_plain and not is_text and member.lower() in {"", "null"}
    return None if is_missing else member


def _take(scanner: Scanner, parting: str, mark: str = "") -> tuple[str, bool]:
    """Take signs up to one that parts, and say whether no backslash was among them."""
    text = scanner.text
    found: list[str] = []
    kept = 0  # white space before a sign that parts is none of it
    is_plain = True
    while scanner.at < len(text):
        sign = text[scanner.at]
        if sign in parting or (mark and text.startswith(mark, scanner.at)):
            break
        escaped = sign == "\\"
        if escaped:
            is_plain = False
            if scanner.at + 1 == len(text):
                scanner.fail(
                    "A backslash stands at the end.", hint="Write \\\\ for one."
                )
            scanner.at += 1
            sign = text[scanner.at]
        found.append(sign)
        scanner.at += 1
        if escaped or not sign.isspace():
            kept = len(found)
    return "".join(found[:kept]), is_plain


def read_name(scanner: Scanner, what: str) -> str:
    """Take a name, bare or in quotes."""
    if scanner.sees_quote:
        return scanner.quoted()
    at = scanner.at
    found, _ = _take(scanner, "|,:@")
    if not found:
        scanner.fail(f"{what} is expected here.", at=at)
    return found


def read_level(scanner: Scanner) -> str:
    """Take ``customer.region``, ``customer:region`` or ``date@fiscal:month``."""
    path = read_name(scanner, "A level")
    if scanner.take("@"):
        path += "." + read_name(scanner, "A hierarchy")
    if scanner.take(":"):
        path += "." + read_name(scanner, "A level")
    return path


def read_measure(scanner: Scanner) -> str:
    """Take the name of a measure."""
    return read_name(scanner, "A measure")
