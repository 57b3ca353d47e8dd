"""What a server is told: what it serves, to whom, and within which limits."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from acrm.errors import InputError
from acrm_olap.query import MOST_CELLS
from acrm_olap.running.cache import DEFAULT_BYTES
from acrm_olap.running.database import PUBLISHED

LOOPBACK_NAME = "localhost"


@dataclass(frozen=True)
class Settings:
    """How a server is run.

    Parameters
    ----------
    definitions : tuple of Path
        Folders with the YAML of cubes and dimensions.
    target : str
        ``published``, ``published:12``, or the path of a DuckDB file.
    host, port : str, int
        Where it listens; port 0 takes a free one.
    tokens : Path, optional
        File of roles and tokens; without it only this machine is served.
    seconds : float
        How long one request may run.
    cells : int
        How many cells an answer may have.
    body_bytes : int
        How large a request may be.
    running : int
        How many requests run at once; the others wait.
    waiting : int
        How many may wait; more are turned away.
    open_answers : int
        How many answers may be held in memory while they are sent.
    memory : str
        What all queries may take together: ``4GB``.
    cache_bytes : int
        What kept answers may take; 0 keeps none.
    allow_origin : tuple of str
        Web pages of other origins that may ask.
    look_seconds : float
        How often it looks for a new version or changed definitions.
    """

    definitions: tuple[Path, ...]
    target: str = PUBLISHED
    host: str = "127.0.0.1"
    port: int = 8000
    tokens: Path | None = None
    seconds: float = 30.0
    cells: int = MOST_CELLS
    body_bytes: int = 1_000_000
    running: int = field(default_factory=lambda: os.cpu_count() or 1)
    waiting: int = 1000
    open_answers: int = 32
    memory: str = "4GB"
    cache_bytes: int = DEFAULT_BYTES
    allow_origin: tuple[str, ...] = ()
    look_seconds: float = 1.0

    def __post_init__(self) -> None:
        for name in ("seconds", "cells", "body_bytes", "running", "waiting",
                     "open_answers", "look_seconds"):  # fmt: skip
            if getattr(self, name) <= 0:
                raise InputError(
                    f"{name} is {getattr(self, name)}.", hint="Give more than 0."
                )
        if self.tokens is None and not is_loopback(self.host):
            raise InputError(
                f"Without tokens, cubes are not served on {self.host}.",
                hint="Give --tokens FILE (`acrm serve --new-token ROLE` makes a"
                " token), or serve this machine alone: --host 127.0.0.1.",
            )
        for origin in self.allow_origin:
            if not origin.startswith(("http://", "https://")) or origin.endswith("/"):
                raise InputError(
                    f"'{origin}' is no origin.",
                    hint="Write it as a browser does: https://reports.example.com",
                )


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    if host == LOOPBACK_NAME:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
