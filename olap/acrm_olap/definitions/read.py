"""Read definition files: YAML to checked definitions, with file and line of faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from acrm.errors import InputError
from acrm.yaml_lines import LinedDict, read_yaml
from acrm_olap.definitions.model import Cube, Dimension, VirtualCube
from acrm_olap.errors import DefinitionError, nearest

KINDS: dict[str, type[Cube] | type[Dimension] | type[VirtualCube]] = {
    "dimension": Dimension,
    "cube": Cube,
    "virtual_cube": VirtualCube,
}


@dataclass(frozen=True)
class Source:
    """Where a definition was read.

    Parameters
    ----------
    path : Path
        Its file.
    document : mapping
        What YAML says, with lines; empty if it was given as an object.
    """

    path: Path
    document: Any = field(repr=False)

    def where(self, *location: str | int) -> str:
        """Return file and line of a part: ``sales.yml, line 12``."""
        return f"{self.path}, line {_line(self.document, location)}"


@dataclass(frozen=True)
class Definitions:
    """All definitions, by name.

    Parameters
    ----------
    dimensions, cubes, virtual_cubes : mapping
        By name.
    sources : mapping
        Where each was read, by kind and name.
    """

    dimensions: Mapping[str, Dimension]
    cubes: Mapping[str, Cube]
    virtual_cubes: Mapping[str, VirtualCube]
    sources: Mapping[tuple[str, str], Source]

    def where(self, kind: str, name: str, *location: str | int) -> str:
        """Return file and line of a part of a definition."""
        return self.sources[kind, name].where(*location)


def read_definitions(folders: Iterable[Path]) -> Definitions:
    """Read all ``*.yml`` files in folders, and in those below them.

    Parameters
    ----------
    folders : iterable of Path
        Such as ``olap``.

    Raises
    ------
    DefinitionError
        If a file is no definition, or two have the same name.
    """
    definitions, faults = read_each(folders)
    if faults:
        raise faults[0]
    return definitions


def read_each(
    folders: Iterable[Path],
) -> tuple[Definitions, list[InputError]]:
    """Read all files as ``read_definitions``, and list those that cannot be used.

    Parameters
    ----------
    folders : iterable of Path
        Such as ``olap``.
    """
    folders = list(folders)
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    sources: dict[tuple[str, str], Source] = {}
    faults: list[InputError] = []
    for path in (path for folder in folders for path in _files(folder)):
        try:
            document = read_yaml(path, "definition")
            kind, name, definition = _read(path, document)
            _require_new(kind, name, path, found, sources)
        except InputError as fault:
            faults.append(fault)
            continue
        found[kind][name] = definition
        sources[kind, name] = Source(path, document)
    if not found["cube"] and not faults:
        faults.append(
            DefinitionError(
                "There is no cube.",
                where=", ".join(map(str, folders)),
                hint="A cube is a file such as cubes/sales.yml that begins with"
                " `cube: sales`; olap/README.md shows a first one.",
            )
        )
    definitions = Definitions(
        found["dimension"], found["cube"], found["virtual_cube"], sources
    )
    return definitions, faults


def _require_new(
    kind: str,
    name: str,
    path: Path,
    found: Mapping[str, Mapping[str, Any]],
    sources: Mapping[tuple[str, str], Source],
) -> None:
    taken = sources.get((kind, name))
    if name in {**found["cube"], **found["virtual_cube"]} and kind != "dimension":
        taken = taken or sources.get(("cube", name)) or sources["virtual_cube", name]
    if taken:
        raise DefinitionError(
            f"The {kind.replace('_', ' ')} '{name}' is defined twice.",
            where=f"{path}, and {taken.path}",
            hint="Rename one of them.",
        )


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DefinitionError(
            "The folder of definitions does not exist.",
            where=str(folder),
            hint="Give a folder that has cubes/*.yml and dimensions/*.yml.",
        )
    return sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")])


def _read(path: Path, document: Any) -> tuple[str, str, BaseModel]:
    kinds = [kind for kind in KINDS if isinstance(document, dict) and kind in document]
    if len(kinds) != 1:
        raise DefinitionError(
            "The file is no definition.",
            where=f"{path}, line {_line(document, ())}",
            hint="It begins with one of "
            + ", ".join(f"`{kind}: name`" for kind in KINDS)
            + ".",
        )
    (kind,) = kinds
    try:
        return kind, str(document[kind]), KINDS[kind].model_validate(document)
    except ValidationError as error:
        fault = _explain(path, document, KINDS[kind], error)
    # Raised out here: pydantic's error would keep what stands on the stack, an open
    # file among it, and DuckDB would complain of that at the end.
    raise fault


def _explain(
    path: Path, document: Any, model: type[BaseModel], error: ValidationError
) -> DefinitionError:
    """Turn the first fault into a message that names file, line and what is allowed."""
    fault = error.errors()[0]
    location = [part for part in fault["loc"] if _is_in(part)]
    place = ".".join(map(str, location))
    given = fault.get("input")
    owner = _owner(model, [part for part in fault["loc"][:-1] if _is_in(part)])
    fields = sorted(owner.model_fields) if owner else []
    if fault["type"] == "extra_forbidden":
        name = str(fault["loc"][-1])
        near = nearest(name, fields)
        what = f"The field '{name}' is not known."
        hint = (f"Did you mean '{near}'? " if near else "") + (
            f"Allowed here: {', '.join(fields)}." if fields else ""
        )
        if not _is_in(name):
            # `{expression: coalesce(a, 0)}` is two fields, a comma apart.
            what += " A comma ends a text that has no quotes."
            hint = 'Put the whole text in quotes: expression: "coalesce(net, 0)".'
    elif fault["type"] == "missing":
        what = f"The field '{location[-1]}' is missing."
        location = location[:-1]
        hint = f"Add it{_about(owner, str(fault['loc'][-1]))}."
    elif fault["type"] == "string_type" and isinstance(given, list):
        what = f"{place}: one column is taken, and {len(given)} are given."
        hint = (
            "A key of several columns goes into one of a query in brackets, in both"
            " tables: `table: (select *, concat_ws('/', a, b) as a_b from t)`."
        )
    elif fault["type"] == "string_pattern_mismatch":
        what = f"{place}: '{given}' is no name."
        hint = "Give small letters, digits and _, a letter first: 'store_sales'."
    else:
        reason = fault["msg"].removeprefix("Value error, ")
        what = f"{place or 'The definition'}: {reason}."
        hint = "" if isinstance(given, dict) else f"Given: {given!r}."
    count = len(error.errors())
    more = f" {count - 1} more faults follow." if count > 1 else ""
    return DefinitionError(
        what, where=f"{path}, line {_line(document, location)}", hint=hint + more
    )


def _is_in(part: str | int) -> bool:
    """Whether a part of pydantic's path is in the document, not one of its own."""
    text = str(part)
    return not any(sign in text for sign in "[](){}") and text not in {
        "str", "int", "float", "bool",
    }  # fmt: skip


def _owner(model: type[BaseModel], location: list[str | int]) -> type[BaseModel] | None:
    owner: type[BaseModel] | None = model
    skip = False
    for part in location:
        if skip or owner is None or isinstance(part, int):
            skip = False
            continue
        info = owner.model_fields.get(str(part))
        if info is None:
            return None
        text = repr(info.annotation)
        inside = _model_in(info.annotation)
        skip = "dict[" in text or "Dict[" in text
        owner = inside
    return owner


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found:
            return found
    return None


def _about(owner: type[BaseModel] | None, name: str) -> str:
    info = owner.model_fields.get(name) if owner else None
    return f": {info.description.rstrip('.')}" if info and info.description else ""


def _line(document: Any, location: Iterable[str | int]) -> int:
    """Return the line of the deepest part of a path that the document has."""
    line = document.line if isinstance(document, LinedDict) else 1
    at = document
    for part in location:
        if isinstance(at, LinedDict) and part in at:
            line = at.lines.get(part, line)
            at = at[part]
        elif isinstance(at, list) and isinstance(part, int) and part < len(at):
            at = at[part]
            line = at.line if isinstance(at, LinedDict) else line
        else:
            break
    return line
