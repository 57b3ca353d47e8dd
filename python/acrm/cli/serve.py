"""``acrm serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrm.console import err, out
from acrm.errors import InputError

if TYPE_CHECKING:
    from acrm_olap.server import Settings


def serve(
    host: Annotated[
        str,
        typer.Option("--host", help="Address; another than this machine needs tokens."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    tokens: Annotated[
        Path | None,
        typer.Option("--tokens", metavar="FILE", help="YAML of roles and tokens."),
    ] = None,
    new_token: Annotated[
        str,
        typer.Option(
            "--new-token", metavar="ROLE", help="Make a token, show it once, and end."
        ),
    ] = "",
    seconds: Annotated[
        float, typer.Option("--seconds", help="How long one request may run.")
    ] = 30.0,
    cells: Annotated[
        int, typer.Option("--cells", min=1, help="How many cells an answer may have.")
    ] = 1_000_000,
    body: Annotated[
        int, typer.Option("--body", min=1, help="How many bytes a request may have.")
    ] = 1_000_000,
    running: Annotated[
        int,
        typer.Option("--running", min=0, help="Requests at once; 0: one a core."),
    ] = 0,
    memory: Annotated[
        str, typer.Option("--memory", help="Memory of all queries together.")
    ] = "4GB",
    cache: Annotated[
        int, typer.Option("--cache", min=0, help="Kept answers in MB; 0 keeps none.")
    ] = 256,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", help="Origin whose pages may ask; repeatable."),
    ] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option("--definitions", help="Folder of cubes; else olap."),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, help="Published version; else current."),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option("--database", help="Serve a DuckDB file, such as one of --to."),
    ] = None,
) -> None:
    """Serve the cubes over HTTP, read-only, until Ctrl-C.

    JSON, CSV and Arrow; GET /openapi.json describes all of it. Without --tokens only
    this machine is served. New publications, changed definitions and tokens are taken
    without a restart, and running questions finish on what they began with.

    The file of tokens has roles, with the rows, measures and cubes that they see, and
    hashes of tokens.
    """
    if new_token:
        _show_token(new_token)
        return
    from acrm.project import check_memory
    from acrm_olap.server.run import serve as run

    check_memory(memory, "--memory")
    if version is not None and database is not None:
        raise InputError(
            "--version names another file to serve.",
            hint="Give one of --version and --database.",
        )
    target = "published" if version is None else f"published:{version}"
    settings = _settings(
        tuple(definitions or ()), str(database) if database else target,
        host=host, port=port, tokens=tokens, seconds=seconds, cells=cells,
        body_bytes=body, running=running, memory=memory,
        cache_bytes=cache * 1024 * 1024, allow_origin=tuple(allow_origin or ()),
    )  # fmt: skip
    run(settings)


def _settings(
    definitions: tuple[Path, ...], target: str, running: int, **more: object
) -> Settings:
    from acrm.project import find_project
    from acrm_olap.api.connecting import DEFINITIONS
    from acrm_olap.server import Settings

    folders = definitions or (find_project().root / DEFINITIONS,)
    if running:
        more["running"] = running
    return Settings(folders, target, **more)  # type: ignore[arg-type]


def _show_token(role: str) -> None:
    from acrm_olap.server.access import ROLE, hash_of, new_token

    if not ROLE.fullmatch(role):
        raise InputError(
            f"'{role}' is no name of a role.",
            where="--new-token",
            hint="Write letters, digits, _ and -, such as north.",
        )
    token = new_token()
    err().print("The token, shown this once; give it to who will ask:", markup=False)
    out().print(token, markup=False, soft_wrap=True)
    err().print("The line for the file of tokens, under `tokens:`:", markup=False)
    out().print(
        f'  - {{sha256: "{hash_of(token)}", role: {role}}}',
        markup=False,
        soft_wrap=True,
    )
