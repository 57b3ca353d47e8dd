"""Numbers as spreadsheets write them: ``#,##0.00``, ``0.0%``, ``#,##0;(#,##0)``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

_DIGITS = re.compile(r"[#0,?]*[#0?](?:[#0,?]*)(?:\.[#0?]*)?,*|\.[#0?]+")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[[^\]]*\]')
_MOST_PLACES = 4
_THOUSAND = 1000


@dataclass(frozen=True)
class _Shape:
    """One section of a format."""

    before: str
    after: str
    least: int
    places: int
    needed: int
    grouped: bool
    factor: Decimal


def show_number(value: Any, form: str = "") -> str:
    """Return a number as a format writes it.

    Parameters
    ----------
    value : number, text, date or None
        What is not a number is written as it is.
    form : str
        A spreadsheet's format; without one, thousands are grouped, and doubles have
        at most four places.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    shapes = _shapes(form) if form else ()
    return _shaped(number, shapes) if shapes else _plain(value, number)


def _shaped(number: Decimal, shapes: tuple[_Shape, ...]) -> str:
    if number < 0 and len(shapes) > 1:
        return _write(number.copy_negate(), shapes[1], "")
    rounded = _rounded(number, shapes[0])
    if rounded == 0 and len(shapes) > 2:  # noqa: PLR2004 - positive; negative; zero
        return _write(number, shapes[2], "")
    return _write(number.copy_abs(), shapes[0], "-" if rounded < 0 else "")


def _plain(value: Any, number: Decimal) -> str:
    if isinstance(value, float):
        small = 0 < abs(value) < 10**-_MOST_PLACES
        if small or abs(value) >= 10**15:
            return f"{value:.4g}"
        text = f"{number.quantize(Decimal(1).scaleb(-_MOST_PLACES), ROUND_HALF_UP):,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    return f"{number:,f}"


@lru_cache(maxsize=512)
def _shapes(form: str) -> tuple[_Shape, ...]:
    found = []
    for section in _sections(form):
        shape = _shape(section)
        if shape is None:
            return ()
        found.append(shape)
    return tuple(found)


def _sections(form: str) -> list[str]:
    """Part a format at semicolons outside of quotes."""
    parts, quoted = [""], False
    for sign in form:
        quoted ^= sign == '"'
        if sign == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _shape(section: str) -> _Shape | None:
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        text = match[1] if match[1] is not None else match[2] or ""
        text = " " if match[3] else text
        literals.append(text)
        return chr(0xE000 + len(literals) - 1)

    text = _LITERAL.sub(keep, section)
    match = _DIGITS.search(text)
    if match is None:
        return None
    before, after = text[: match.start()], text[match.end() :]
    percent = (before + after).count("%")

    def literal(part: str) -> str:
        return "".join(
            literals[ord(sign) - 0xE000]
            if 0 <= ord(sign) - 0xE000 < len(literals)
            else sign
            for sign in part
        )

    digits = match[0].rstrip(",")
    scale = len(match[0]) - len(digits)
    whole, _, fraction = digits.partition(".")
    return _Shape(
        literal(before), literal(after),
        least=sum(sign in "0?" for sign in whole),
        places=len(fraction),
        needed=sum(sign in "0?" for sign in fraction),
        grouped="," in whole,
        factor=Decimal(100) ** percent / Decimal(_THOUSAND) ** scale,
    )  # fmt: skip


def _rounded(number: Decimal, shape: _Shape) -> Decimal:
    # A cell has at most 38 digits; the context of decimals has 28.
    from decimal import localcontext

    with localcontext() as context:
        context.prec = 400
        step = Decimal(1).scaleb(-shape.places)
        return (number * shape.factor).quantize(step, ROUND_HALF_UP)


def _write(number: Decimal, shape: _Shape, sign: str) -> str:
    rounded = _rounded(number, shape)
    text = f"{rounded:,f}" if shape.grouped else f"{rounded:f}"
    whole, _, fraction = text.partition(".")
    if shape.least == 0 and whole == "0":
        whole = ""
    missing = shape.least - sum(each.isdigit() for each in whole)
    whole = "0" * max(missing, 0) + whole
    kept = fraction.rstrip("0")
    fraction = fraction[: max(len(kept), shape.needed)]
    point = "." if fraction else ""
    return f"{sign}{shape.before}{whole}{point}{fraction}{shape.after}"
