"""Open a file and its cubes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from acrm_olap.api.handles import Cube
from acrm_olap.api.html import head_html, table_html
from acrm_olap.definitions import read_definitions
from acrm_olap.planning import ALL, Rights
from acrm_olap.running import Engine, open_database
from acrm_olap.running.query_log import QueryLog

DEFINITIONS = "olap"


class Cubes(Mapping[str, Cube]):
    """The cubes of an open file, by name.

    Parameters
    ----------
    engine : Engine
        Over the file.
    rights : Rights
        What the caller may see.
    """

    def __init__(self, engine: Engine, rights: Rights = ALL) -> None:
        self.engine = engine
        self.rights = rights

    def __getitem__(self, name: str) -> Cube:
        """Return a cube by name."""
        return Cube(self.engine, self.engine.cube(name), self.rights)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the cubes."""
        return iter(self.engine.cubes)

    def __len__(self) -> int:
        """Return how many cubes there are."""
        return len(self.engine.cubes)

    def _repr_html_(self) -> str:
        rows = [(each.name, each.caption, each.description) for each in self.values()]
        return head_html("Cubes", self.engine.database.name) + table_html(
            ["Cube", "Caption", "Description"], rows
        )

    def __enter__(self) -> Self:
        """Return itself; the file is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.engine.database.close()
        if self.engine.log is not None:
            self.engine.log.close()


def connect(
    target: str | Path = "published",
    definitions: str | Path | Iterable[str | Path] | None = None,
    *,
    rights: Rights = ALL,
    use_aggregates: bool = True,
    log: str | Path | None = None,
) -> Cubes:
    """Open what is published, or a DuckDB file, and its cubes.

    Parameters
    ----------
    target : str or Path
        ``published``, ``published:12`` for a version, or the path of a file.
    definitions : path or paths, optional
        Folders with the YAML of cubes and dimensions; ``olap`` of the project.
    rights : Rights
        What the caller may see.
    use_aggregates : bool
        False reads facts alone.
    log : path, optional
        File that gets a line for each query, for `acrm cube advise`.

    Raises
    ------
    InputError
        If there is no such file or version.
    DefinitionError
        If a definition cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from acrm_olap import connect
    >>> from acrm_olap.api.example import make_example
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = make_example(folder)
    ...     with connect(file, f"{folder}/olap") as cubes:
    ...         print(cubes["sales"].query("net").value())
    955.00
    """
    if definitions is None:
        from acrm.project import find_project

        folders = [find_project().root / DEFINITIONS]
    elif isinstance(definitions, str | Path):
        folders = [Path(definitions)]
    else:
        folders = [Path(each) for each in definitions]
    found = read_definitions(folders)
    notes = QueryLog(Path(log)) if log is not None else None
    database = open_database(target)
    engine = Engine(database, found, use_aggregates=use_aggregates, log=notes)
    return Cubes(engine, rights)
