"""Reading written queries word by word, with the place of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

from acrm_olap.errors import FormError, nearest

NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
# A member that needs no quotes: no spaces, no signs of the language, no two dots.
BARE = re.compile(r"[\w@%+/:#&*$\-]+(?:\.[\w@%+/:#&*$\-]+)*")
_BEFORE, _AFTER = 48, 24


class Scanner:
    """A written query, read from left to right.

    Parameters
    ----------
    text : str
        All of it.
    what : str
        What it is, for messages: ``the query``.
    """

    def __init__(self, text: str, what: str = "the query") -> None:
        self.text = text
        self.what = what
        self.at = 0

    # -- looking -------------------------------------------------------------------

    def space(self) -> None:
        """Pass over white space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        self.space()
        return self.at >= len(self.text)

    def word(self) -> str:
        """Return the word that comes next, without taking it."""
        self.space()
        found = NAME.match(self.text, self.at)
        return found[0] if found else ""

    def sees(self, sign: str) -> bool:
        """Whether a sign comes next."""
        self.space()
        return self.text.startswith(sign, self.at)

    @property
    def sees_quote(self) -> bool:
        """Whether a text in quotes comes next."""
        return self.sees('"') or self.sees("'")

    # -- taking --------------------------------------------------------------------

    def take(self, sign: str) -> bool:
        """Take a sign, if it comes next."""
        if not self.sees(sign):
            return False
        self.at += len(sign)
        return True

    def take_word(self, *words: str) -> str:
        """Take one of some words, if one comes next."""
        found = self.word()
        if found.lower() not in words:
            return ""
        self.at += len(found)
        return found.lower()

    def name(self, what: str) -> str:
        """Take a name, bare or in quotes."""
        if self.sees_quote:
            return self.quoted()
        found = NAME.match(self.text, self.at)
        if found is None:
            self.fail(f"{what} is expected here.", hint=self._given())
        self.at = found.end()
        return found[0]

    def names(self, what: str) -> list[str]:
        """Take names, parted by commas."""
        found = [self.name(what)]
        while self.take(","):
            found.append(self.name(what))
        return found

    def number(self, what: str) -> int:
        """Take a whole number."""
        self.space()
        found = re.compile(r"\d+(?![\w.])").match(self.text, self.at)
        if found is None:
            self.fail(f"{what} is a whole number.", hint=self._given())
        self.at = found.end()
        return int(found[0])

    def quoted(self) -> str:
        """Take a text in quotes; a quote inside it is doubled."""
        start = self.at
        quote = self.text[start]
        parts: list[str] = []
        self.at += 1
        while True:
            end = self.text.find(quote, self.at)
            if end < 0:
                self.at = start
                self.fail(
                    "The quote is not closed.",
                    hint=f"End it with {quote}; a quote inside is doubled.",
                )
            parts.append(self.text[self.at : end])
            self.at = end + 1
            if not self.text.startswith(quote, self.at):
                return "".join(parts)
            parts.append(quote)
            self.at += 1

    def text_or_rest(self, what: str) -> str:
        """Take a text that must stand in quotes, as it has words of its own."""
        if not self.sees_quote:
            self.fail(
                f"{what} stands in quotes.",
                hint='Write it as in: having "net > 100".',
            )
        return self.quoted()

    def member(self) -> Any:
        """Take a member: bare, in quotes, null, or ``[2024, 1]``."""
        if self.take("["):
            parts = [self.member()]
            while self.take(","):
                parts.append(self.member())
            if not self.take("]"):
                self.fail("The bracket is not closed.", hint="End it with ].")
            return tuple(parts)
        if self.sees_quote:
            return self.quoted()
        found = BARE.match(self.text, self.at)
        if found is None:
            self.fail(
                "A member is expected here.",
                hint=f"{self._given()} Quote members that have spaces or signs:"
                ' "Fruit & Veg".',
            )
        self.at = found.end()
        return None if found[0].lower() == "null" else found[0]

    # -- failing -------------------------------------------------------------------

    def _given(self) -> str:
        if self.ended:
            return "The text ends here."
        return f"Given: {self.text[self.at : self.at + _AFTER].strip()}."

    def fail(self, what: str, *, hint: str = "", at: int | None = None) -> NoReturn:
        """Refuse the text, and show where.

        Raises
        ------
        FormError
            Always.
        """
        place = self.at if at is None else at
        begin = max(0, place - _BEFORE)
        line = self.text[begin : place + _AFTER]
        shown = "".join(" " if sign.isspace() else sign for sign in line)
        raise FormError(
            what,
            where=f"{self.what}, position {place + 1}\n"
            f"         {shown}\n         {' ' * (place - begin)}^",
            hint=hint,
        )

    def fail_unknown(self, known: Iterable[str], what: str) -> NoReturn:
        """Refuse what comes next, with the nearest that could.

        Raises
        ------
        FormError
            Always.
        """
        names = list(known)
        self.space()
        given = self.word() or self.text[self.at : self.at + _AFTER]
        near = nearest(given, names)
        guess = f" Did you mean '{near}'?" if near else ""
        self.fail(
            f"'{given}' is no {what}.{guess}", hint=f"There are: {', '.join(names)}."
        )


def quote(text: str) -> str:
    """Return a text in quotes, in the kind that it has none of."""
    mark = "'" if '"' in text and "'" not in text else '"'
    return f"{mark}{text.replace(mark, mark * 2)}{mark}"


def written_name(name: str, reserved: Iterable[str] = ()) -> str:
    """Return a name, in quotes if it would be read as something else."""
    if NAME.fullmatch(name) and name.lower() not in reserved:
        return name
    return quote(name)


def written_member(value: Any, reserved: Iterable[str] = ()) -> str:
    """Return a member that is a text, null or a tuple of these."""
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return f"[{', '.join(written_member(each) for each in value)}]"
    if (
        BARE.fullmatch(value)
        and value.lower() != "null"
        and value.lower() not in reserved
    ):
        return str(value)
    return quote(value)
