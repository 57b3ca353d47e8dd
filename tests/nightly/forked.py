"""Real processes of ``acrm`` that start in no time.

A server imports all that a run needs, and runs nothing itself; each command is a fork
of it, which can be watched, killed and waited for as any other process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path

SERVER = textwrap.dedent(
    """
    import json, os, signal, sys, time

    import duckdb, pyarrow.parquet
    import rich.progress, rich.table, yaml
    import dbt.cli.main, dbt.adapters.duckdb, acrm.dbt_plugin
    import acrm.cli.app, acrm.nightly, acrm.reading

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})

    def start(arguments, environment, out, err):
        child = os.fork()
        if child:
            return child
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        for path, handle in ((os.devnull, 0), (out, 1), (err, 2)):
            flags = os.O_WRONLY | os.O_CREAT if handle else os.O_RDONLY
            os.dup2(os.open(path, flags), handle)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["acrm", *arguments]
        acrm.cli.app.main()

    def wait(child, seconds):
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            left = 3600 if until is None else until - time.monotonic()
            if left <= 0:
                return None
            signal.sigtimedwait({signal.SIGCHLD}, left)

    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps({"start": start, "wait": wait}[name](*arguments)), flush=True)
    """
)


class Forked:
    """The server."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.communicate()

    def start(
        self, environment: Mapping[str, str], *arguments: str, lines: bool = False
    ) -> Run:
        """Start ``acrm``; with ``lines``, what it says can be read as it says it."""
        home = Path(environment["ACRM_WAREHOUSE"])
        folder = Path(tempfile.mkdtemp(dir=home.parent))
        out, err = folder / "out", folder / "err"
        if lines:
            os.mkfifo(out)
            os.mkfifo(err)
        child = self.ask("start", arguments, dict(environment), str(out), str(err))
        assert isinstance(child, int)
        return Run(self, child, out, err)

    def ask(self, *words: object) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer: int | None = json.loads(self._process.stdout.readline())
        return answer


class Run:
    """One process of ``acrm``."""

    def __init__(self, server: Forked, child: int, out: Path, err: Path) -> None:
        self.child = child
        self.out = out
        self.err = err
        self._server = server
        self._code: int | None = None

    def wait(self, seconds: float | None = None) -> int | None:
        """Return its exit code, None if it still runs after so many seconds."""
        if self._code is None:
            self._code = self._server.ask("wait", self.child, seconds)
        return self._code

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.child, number)
