"""A real PostgreSQL server of its own, in a folder under /tmp, on a socket only."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

# new ones each time, with all that a URL has to escape
KEEPER_PASSWORD = f"{secrets.token_hex()}@:/"
READER_PASSWORD = f"{secrets.token_hex()}?#% @:/"


def binaries():
    """Return the folder of the newest server that is installed, if one is."""
    folders = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]
    folders.sort(key=lambda each: float(Path(each).parent.name))
    asked = shutil.which("pg_config")
    if asked is not None:
        told = subprocess.run(
            [asked, "--bindir"], capture_output=True, text=True, check=True
        )
        folders.insert(0, told.stdout.strip())
    usable = [each for each in folders if (Path(each) / "initdb").is_file()]
    return Path(usable[-1]) if usable else None


def without_root():
    """Return a command prefix: the server refuses to run as root."""
    if os.getuid() != 0:
        return ()
    if shutil.which("setpriv") is not None:
        return ("setpriv", "--reuid=nobody", "--clear-groups", "--")
    if shutil.which("runuser") is not None:
        return ("runuser", "-u", "nobody", "--")
    pytest.skip("PostgreSQL does not run as root, and there is no setpriv or runuser")


class Postgres:
    """A running server with a database ``shop`` that ``reader`` may read."""

    def __init__(self, folder, programs):
        self.folder = folder
        self._programs = programs
        self._prefix = without_root()
        self._keepers = {}
        password = folder / "password"
        password.write_text(KEEPER_PASSWORD)
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody").pw_uid
            os.chown(folder, nobody, -1)
            os.chown(password, nobody, -1)
        self._program(
            *("initdb", "--pgdata", self.folder / "data", "--username", "keeper"),
            *("--auth", "scram-sha-256", "--pwfile", password),
            *("--encoding", "UTF8", "--no-locale", "--no-sync"),
        )
        self.start()
        self.sql("create database shop", database="postgres")
        self.sql(f"create role reader login password '{READER_PASSWORD}'")

    def _program(self, name, *arguments):
        done = subprocess.run(
            [*self._prefix, self._programs / name, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
            cwd="/",
        )
        if done.returncode:
            pytest.skip(f"no PostgreSQL server can be made here: {done.stdout}")

    def _control(self, *arguments):
        subprocess.run(
            [
                *(*self._prefix, self._programs / "pg_ctl", "--wait", "--silent"),
                *("--pgdata", self.folder / "data"),
                *("--log", self.folder / "server.log", *arguments),
            ],
            # the server would keep a pipe open that it was started with
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
            cwd="/",
        )

    def start(self):
        settings = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        self._control("start", "--options", settings)

    def crash(self):
        """End the server at once, as a power cut would."""
        self._let_go()
        self._control("stop", "--mode", "immediate")

    def url(self, user="reader", password=READER_PASSWORD, database="shop"):
        secret = f":{quote(password, safe='')}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}"

    def sql(self, statements, database="shop"):
        """Run statements as the keeper of the server, each for itself."""
        from adbc_driver_postgresql import dbapi

        if database not in self._keepers:
            url = self.url("keeper", KEEPER_PASSWORD, database)
            self._keepers[database] = dbapi.connect(url, autocommit=True)
        for statement in statements.split(";;"):
            with self._keepers[database].cursor() as cursor:
                cursor.execute(statement)

    def _let_go(self):
        for connection in self._keepers.values():
            connection.close()
        self._keepers.clear()

    def empty(self):
        """Leave the database as it was made, with a reader who reads all."""
        self.sql(
            "drop schema if exists public cascade;;create schema public;;"
            "grant usage on schema public to reader;;"
            "alter default privileges in schema public grant select on tables to reader"
        )


@contextmanager
def running_postgres():
    """Run a server, or skip and say why there is none."""
    pytest.importorskip(
        "adbc_driver_postgresql", reason="the driver, acrm[postgres], is not installed"
    )
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")
    # short, since the name of a socket is; and not under pytest's folder, which
    # belongs to one user alone
    with tempfile.TemporaryDirectory(prefix="acrm-pg-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder), programs)
        try:
            yield server
        finally:
            server.crash()  # its folder goes with it
