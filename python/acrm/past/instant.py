"""The instant that a past build is as known on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from acrm.errors import InputError

# The same as in macros/as_known_on.sql.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?"
)


@dataclass(frozen=True)
class Instant:
    """A date, or a moment, up to which batches are known.

    Parameters
    ----------
    given : str
        As the user wrote it.
    until : datetime
        The last moment that counts, in UTC and without a zone, as the raw zone keeps
        moments: of a date its last microsecond.
    is_day : bool
        Whether it is a whole day.
    """

    given: str
    until: datetime
    is_day: bool

    @property
    def stamp(self) -> str:
        """Its name in file names, which DuckDB takes whole for a catalog's."""
        if self.is_day:
            return f"{self.until:%Y-%m-%d}"
        part = f"_{self.until:%f}" if self.until.microsecond else ""
        return f"{self.until:%Y-%m-%dT%H%M%S}{part}"

    @property
    def is_to_come(self) -> bool:
        """Whether more may still be loaded before it."""
        return self.until > datetime.now(UTC).replace(tzinfo=None)

    def __str__(self) -> str:
        """Return it in words."""
        if self.is_day:
            return f"{self.until:%Y-%m-%d}"
        return f"{self.until.isoformat(sep=' ')} UTC"


def parse_instant(text: str) -> Instant:
    """Read a date or a timestamp; without a zone it is in UTC.

    Parameters
    ----------
    text : str
        ``2025-12-05``, ``2025-12-05T06:00``, ``2025-12-05 06:00:00.5+01:00``.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> parse_instant("2025-12-05").until.isoformat()
    '2025-12-05T23:59:59.999999'
    >>> parse_instant("2025-12-05T06:00+01:00").until.isoformat()
    '2025-12-05T05:00:00'
    """
    given = text.strip()
    try:
        if _DAY.fullmatch(given):
            last = datetime.combine(date.fromisoformat(given), time.max)
            return Instant(given, last, is_day=True)
        if _MOMENT.fullmatch(given):
            moment = datetime.fromisoformat(given)
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            return Instant(given, moment, is_day=False)
        reason = ""
    except (ValueError, OverflowError) as error:
        reason = f": {error}"
    raise InputError(
        f"{text!r} is no date and no timestamp.",
        where=f"--as-known-on{reason}",
        hint="Write 2025-12-05 for all that was loaded by the end of that day, or"
        " 2025-12-05T06:00; both are in UTC.",
    )
