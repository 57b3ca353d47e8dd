"""The URL of a database: what it says, what is added to it, and what stays secret.

A URL that can be read in two ways is refused before libpq sees it, since libpq quotes
what it could not read, and that may be the rest of a password.
"""

from __future__ import annotations

import ctypes
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from acrm.errors import InputError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/|postgres(ql)?:", re.IGNORECASE)
_URL = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:@/?#\s]*)(?::(?P<password>[^@/?#\s]*))?@)?"
    r"(?P<hosts>[^@/?#\s]*)"
    r"(?:/(?P<database>[^@/?#\s]*))?"
    r"(?:\?(?P<query>[^@?#\s]*))?"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(:\d{1,5})?")
_PARAMETER = re.compile(r"[a-z_]+=[^=]*")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SECRETS = ("password", "sslpassword")
_SECRET_PARAMETER = re.compile(rf"[?&](?:{'|'.join(_SECRETS)})=(?P<value>[^&]+)")
# What libpq leaves open would wait for ever, or read text in the server's encoding.
_ADDED = {
    "client_encoding": ("UTF8", ""),
    "connect_timeout": ("10", "PGCONNECT_TIMEOUT"),
    "fallback_application_name": ("acrm", ""),
    "keepalives_idle": ("30", ""),
    "keepalives_interval": ("10", ""),
    "keepalives_count": ("3", ""),
}
_MASK = "***"
_PASSWORD_IN_TEXT = re.compile(
    r"(?P<before>://[^:@/\s]*:)\S+(?=@)"
    rf"|(?P<before_value>[?&](?:{'|'.join(_SECRETS)})=)[^&\s)'\"]+"
)


@dataclass(frozen=True, repr=False)
class PostgresUrl:
    """Where a database is, in a form that shows no secret.

    Parameters
    ----------
    uri : str
        What libpq is given; it may hold a password.
    label : str
        What messages call it: host, port and database.
    secrets : tuple of str
        Texts that no message may hold, longest first.
    """

    uri: str
    label: str
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        """Return the label: a URL may stand in a traceback."""
        return f"PostgresUrl({self.label!r})"

    def __str__(self) -> str:
        """Return the label."""
        return self.label

    def without_secrets(self, text: str) -> str:
        """Return a text with every secret masked."""
        for secret in self.secrets:
            text = text.replace(secret, _MASK)
        return text


def looks_like_url(path: str | Path) -> bool:
    """Whether what was given is no path but a URL, of whatever kind."""
    return _SCHEME.match(str(path)) is not None


def refuse_url_as_system(system: str) -> None:
    """Refuse a URL that was given as the name of a system, without quoting it.

    Raises
    ------
    InputError
        If it is one.
    """
    if looks_like_url(system):
        raise InputError(
            "--system names a pack, and this is a URL.",
            hint="The URL stands alone: URL --system NAME.",
        )


def postgres_url(text: str) -> PostgresUrl:
    """Read a URL.

    Raises
    ------
    InputError
        If it is no URL of a PostgreSQL database, or could be read in two ways; the
        message quotes nothing of it.
    """
    if not text.startswith(("postgresql://", "postgres://")):
        raise InputError(
            "This URL is none of a PostgreSQL database.",
            hint="Give a file, a folder, or postgresql://user@host:port/database.",
        )
    match = _URL.fullmatch(text)
    query = (match["query"] or "").split("&") if match and match["query"] else []
    hosts = match["hosts"].split(",") if match else []
    if (
        match is None
        or _BROKEN_PERCENT.search(text)
        or not all(_HOST.fullmatch(each) for each in hosts)
        or not all(_PARAMETER.fullmatch(each) for each in query)
    ):
        raise InputError(
            "The URL of the database cannot be read.",
            hint="Write postgresql://user@host:port/database. In a user name or a "
            "password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as "
            "%25; or leave the password to PGPASSWORD or ~/.pgpass.",
        )
    given = dict(each.split("=", maxsplit=1) for each in query)
    secret = [match["password"] or "", os.environ.get("PGPASSWORD", "")]
    secret += [given.get(key, "") for key in _SECRETS]
    secrets = {form for each in secret for form in (each, unquote(each)) if form}
    return PostgresUrl(
        uri=_completed(text, given),
        label=_label(match, given),
        secrets=tuple(sorted(secrets, key=len, reverse=True)),
    )


def _completed(text: str, given: dict[str, str]) -> str:
    """Return the URL with what libpq would leave open."""
    added = [
        f"{key}={value}"
        for key, (value, variable) in _ADDED.items()
        if key not in given and not os.environ.get(variable or "-")
    ]
    return text + ("&" if "?" in text else "?") + "&".join(added)


def _label(match: re.Match[str], given: dict[str, str]) -> str:
    host = given.get("host") or match["hosts"]
    if not host:
        host = "the host of " + (
            f"service {given['service']}"
            if "service" in given
            else "PGHOST, PGSERVICE or the default"
        )
    database = given.get("dbname") or match["database"]
    return unquote(f"database {database} on {host}" if database else host)


def without_passwords(text: str) -> str:
    """Return a text in which URLs of whatever kind have their passwords masked."""
    return _PASSWORD_IN_TEXT.sub(
        lambda found: (found["before"] or found["before_value"]) + _MASK, text
    )


def hide_argument(text: str) -> None:
    """Blank out the password of a URL in what the system lists of this process.

    ``ps`` shows every user the arguments of a command. Where the system does not say
    where it keeps them (other than Linux), nothing is done.
    """
    match = _URL.fullmatch(text)
    status = Path("/proc/self/stat")
    if match is None or not status.exists():
        return
    hidden = [match.span("password")] if match["password"] else []
    hidden += [each.span("value") for each in _SECRET_PARAMETER.finditer(text)]
    # the name of the program stands in brackets, and may hold blanks
    numbers = status.read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = int(numbers[45]), int(numbers[46])
    if not start < end:
        return
    given = text.encode()
    at = ctypes.string_at(start, end - start).find(given)
    if at < 0:
        return
    for first, last in hidden:
        offset = len(text[:first].encode())
        ctypes.memset(start + at + offset, ord("x"), len(text[first:last].encode()))
