"""JSON Schema of definition files, with which editors complete and check them.

It is made of the classes that read the files. What these take in a short form
(``region: region`` for a level, a text for a use, a list for a hierarchy), and which of
their fields go together, is said beside them here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from acrm.disk import write_atomically
from acrm_olap.definitions.model import KINDS as MEASURES
from acrm_olap.definitions.read import KINDS
from acrm_olap.errors import UnknownNameError

DRAFT = "http://json-schema.org/draft-07/schema#"
TITLES = {
    "cube": "A cube: a fact with its dimensions and measures",
    "dimension": "A conformed dimension",
    "virtual_cube": "A virtual cube: measures of several cubes",
}
_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT, "minItems": 1}
SHORT: dict[str, list[dict[str, Any]]] = {
    "Level": [
        _TEXT | {"description": "Its key column."},
        _TEXTS | {"description": "Its key columns."},
    ],
    "Hierarchy": [_TEXTS | {"description": "Its levels, the coarsest first."}],
    "Use": [_TEXT | {"description": "Column that points to the dimension's key."}],
}
ONE_OF: dict[str, tuple[str, ...]] = {
    "Use": ("key", "at", "span", "levels"),
    "Hierarchy": ("levels", "level"),
    "NamedSet": ("members", "top", "bottom"),
    "Measure": MEASURES,
}
TOGETHER: dict[str, dict[str, list[str]]] = {
    "Use": {"finest": ["key"]},
    "Hierarchy": {"level": ["parent"], "parent": ["level"], "by_depth": ["parent"]},
    "NamedSet": {"top": ["by"], "bottom": ["by"]},
    "Measure": {
        "quantile": ["at"],
        "at": ["quantile"],
        "first": ["by"],
        "last": ["by"],
    },
}


def json_schema(kind: str) -> dict[str, Any]:
    """Return the schema of one kind of file.

    Parameters
    ----------
    kind : str
        ``cube``, ``dimension`` or ``virtual_cube``.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise UnknownNameError("kind of definition", kind, KINDS)
    schema = KINDS[kind].model_json_schema()
    for each in _objects(schema):
        # Titles repeat the names, and texts of classes hide those of fields.
        each.pop("title", None)
        each.pop("default", None)
        if "patternProperties" in each:
            each["additionalProperties"] = False
    for name, definition in schema.get("$defs", {}).items():
        _refine(name, definition)
    schema.pop("description", None)
    return {"$schema": DRAFT, "title": TITLES[kind], **schema}


def write_schemas(folder: Path) -> list[Path]:
    """Write the schema of each kind of file: ``cube.json`` and so on.

    Parameters
    ----------
    folder : Path
        Where to; it is made if it is not there.

    Returns
    -------
    list of Path
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in KINDS:
        path = folder / f"{kind}.json"
        write_atomically(path, schema_text(kind).encode())
        written.append(path)
    return written


def schema_text(kind: str) -> str:
    """Return the schema of one kind of file as its text."""
    return json.dumps(json_schema(kind), indent=2) + "\n"


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema within a schema; the names of fields are none."""
    if isinstance(part, list):
        for each in part:
            yield from _objects(each)
    if not isinstance(part, dict):
        return
    yield part
    for key, value in part.items():
        if key in {"properties", "$defs", "patternProperties"}:
            for each in value.values():
                yield from _objects(each)
        elif key not in {"default", "const", "enum", "required"}:
            yield from _objects(value)


def _refine(name: str, definition: dict[str, Any]) -> None:
    """Say of a class which fields go together, and its short forms."""
    if name in ONE_OF:
        definition["oneOf"] = [{"required": [field]} for field in ONE_OF[name]]
    if name in TOGETHER:
        definition["dependencies"] = TOGETHER[name]
    if name in SHORT:
        whole = dict(definition)
        definition.clear()
        definition["anyOf"] = [*SHORT[name], whole]
