"""What is served now: a file, its cubes and roles; newer ones without a restart.

A new state is opened and held against its definitions before it takes the place of
the one before. Requests that run finish on the state they began with, which is closed
after the last of them. What cannot be used is a fault, and the old state goes on.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from acrm.errors import AcrmError
from acrm.project import Project, find_project
from acrm.publication.versions import current_number
from acrm_olap.definitions import read_definitions
from acrm_olap.query import MOST_CELLS
from acrm_olap.running import Engine, open_database
from acrm_olap.running.cache import Cache
from acrm_olap.running.database import PUBLISHED, Database, Identity
from acrm_olap.server.access import (
    Access,
    View,
    bind_access,
    everything,
    read_access,
)
from acrm_olap.server.settings import Settings

log = logging.getLogger("acrm.serve")

LOOKS_BEFORE_AGAIN = 10
Files = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Seen:
    """What a state was opened from; another one is opened when it differs.

    Parameters
    ----------
    source : object
        The published version, or the identity of a file.
    definitions, tokens : tuple
        Path, inode, time and size of each file.
    """

    source: object
    definitions: Files
    tokens: Files


@dataclass
class State:
    """One file with its cubes and roles.

    Parameters
    ----------
    engine : Engine
        Over the file.
    access : Access or None
        Roles and tokens; None lets everybody see everything.
    seen : Seen
        What it was opened from.
    faults : tuple of str
        Cubes that cannot be asked, and why.
    cells : int
        How many cells an answer may have.
    """

    engine: Engine
    access: Access | None
    seen: Seen
    faults: tuple[str, ...] = ()
    cells: int = MOST_CELLS
    users: int = 0
    retired: bool = False
    whole: View = field(init=False)

    def __post_init__(self) -> None:
        self.whole = everything(self.engine.cubes)

    def view(self, token: str) -> View | None:
        """Return what a caller sees; None for a token that is none."""
        return self.whole if self.access is None else self.access.view(token)

    @property
    def source_name(self) -> str:
        """What is served, without the folders of this machine."""
        return self.engine.database.name.rpartition("/")[2]


class Warehouse:
    """The state that is served, and the way to the next one.

    Parameters
    ----------
    settings : Settings
        What is served.

    Raises
    ------
    AcrmError
        If the first state cannot be opened.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cache = Cache(settings.cache_bytes) if settings.cache_bytes > 0 else None
        self.fault = ""
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._ended = threading.Event()
        self._project: Project | None = (
            find_project() if _is_published(settings.target) else None
        )
        self._tried = self._look()
        self._again_at = math.inf
        self._state = self._open(self._tried)
        self._watcher: threading.Thread | None = None

    # -- asking ---------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state that new requests get."""
        return self._state

    @contextmanager
    def lease(self) -> Iterator[State]:
        """Yield the state; it stays open until the block ends."""
        with self._lock:
            state = self._state
            state.users += 1
        try:
            yield state
        finally:
            with self._lock:
                state.users -= 1
                last = state.retired and not state.users
            if last:
                self._close(state)

    # -- what is new ------------------------------------------------------------------

    def watch(self) -> None:
        """Look for what is new from time to time, until ``close``."""
        self._watcher = threading.Thread(
            target=self._watch, name="acrm-watch", daemon=True
        )
        self._watcher.start()

    def _watch(self) -> None:
        while not self._ended.wait(self.settings.look_seconds):
            try:
                self.refresh()
            except Exception:
                # What is served goes on, and so must looking for what is new.
                log.exception("looking for a new version failed")

    def refresh(self) -> bool:
        """Take what is new, if anything is; return whether it was taken."""
        with self._opening:
            try:
                seen = self._look()
            except AcrmError as error:
                self._note(error)
                return False
            now = time.monotonic()
            if seen == self._tried and now < self._again_at:
                return False
            self._tried, self._again_at = seen, math.inf
            try:
                new = self._open(seen)
            except AcrmError as error:
                # A file that is being written may be whole a little later.
                self._again_at = now + LOOKS_BEFORE_AGAIN * self.settings.look_seconds
                self._note(error)
                return False
        with self._lock:
            old, self._state = self._state, new
            old.retired = True
            idle = not old.users
        self.fault = ""
        log.info("serving %s", new.engine.database.name)
        if idle:
            self._close(old)
        return True

    def _note(self, error: AcrmError) -> None:
        text = str(error)
        if text != self.fault:
            log.error("what is new cannot be used, the old goes on: %s", text)
        self.fault = text

    def _look(self) -> Seen:
        settings = self.settings
        source: object = settings.target
        if self._project is not None:
            if settings.target == PUBLISHED:
                source = current_number(self._project)
        else:
            source = Identity.of(Path(settings.target).resolve())
        paths = [
            path
            for folder in settings.definitions
            for kind in ("*.yml", "*.yaml")
            for path in folder.rglob(kind)
        ]
        tokens = [settings.tokens] if settings.tokens is not None else []
        return Seen(source, _files(paths), _files(tokens))

    def _open(self, seen: Seen) -> State:
        settings = self.settings
        found = read_definitions(settings.definitions)
        given = read_access(settings.tokens) if settings.tokens is not None else None
        database = open_database(settings.target, self._project, memory=settings.memory)
        try:
            engine = Engine(database, found, cache=self.cache)
            access = None
            if given is not None and settings.tokens is not None:
                access = bind_access(settings.tokens, given, engine.cubes)
            return State(engine, access, seen, tuple(_prove(engine)), settings.cells)
        except BaseException:
            database.close()
            raise

    def _close(self, state: State) -> None:
        database: Database = state.engine.database
        database.close()
        if self.cache is not None and database.identity is not None:
            served = self._state.engine.database.identity
            if database.identity != served:
                self.cache.forget(database.identity)

    def close(self) -> None:
        """Stop looking, and close the file; what runs is stopped."""
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join()
        self._state.engine.database.close()


def _is_published(target: str) -> bool:
    return target == PUBLISHED or target.startswith(f"{PUBLISHED}:")


def _files(paths: list[Path]) -> Files:
    found = []
    for path in sorted(paths):
        try:
            is_ = path.stat()
        except OSError:
            found.append((str(path), 0, 0, 0))
            continue
        found.append((str(path), is_.st_ino, is_.st_mtime_ns, is_.st_size))
    return tuple(found)


def _prove(engine: Engine) -> Iterator[str]:
    """Find out what has to be known before anybody asks; yield cubes with faults."""
    for name, cube in engine.cubes.items():
        if cube.is_virtual:
            continue
        try:
            engine.knowledge.prove(cube, sorted(cube.uses))
            for use in cube.uses.values():
                if use.is_time:
                    engine.knowledge.extent(cube, use.name)
        except AcrmError as error:
            log.error("the cube '%s' has a fault: %s", name, error)
            yield f"{name}: {error}"
