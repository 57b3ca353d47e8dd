"""YAML whose mappings remember on which line each key stands."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from acrm.errors import InputError


class LinedDict(dict[Any, Any]):
    """A mapping that knows its own line, and the line of each key."""

    line: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Any, int] = {}


# The parser in C, where PyYAML has it: each build and each `connect` reads all
# definitions of cubes, which takes it a fifth of the time.
_Parser: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Loader(_Parser):  # type: ignore[misc]  # one of two classes
    """A safe loader that builds ``LinedDict`` and refuses a key given twice."""


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> LinedDict:
    given = {id(key) for key, _ in node.value}
    loader.flatten_mapping(node)
    mapping = LinedDict()
    mapping.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, bool):
            # YAML takes a bare `on`, `no` or `yes` for a truth; a key is a name.
            key = key_node.value
        if not isinstance(key, Hashable):
            raise yaml.constructor.ConstructorError(
                None, None, "a key cannot be a list or a mapping", key_node.start_mark
            )
        line = key_node.start_mark.line + 1
        if key in mapping and id(key_node) in given and key in mapping.lines:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key '{key}' is given twice", key_node.start_mark
            )
        mapping[key] = loader.construct_object(value_node, deep=True)
        if id(key_node) in given:
            mapping.lines[key] = line
    return mapping


def _construct_date(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"'{node.value}' is no date", node.start_mark
        ) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_date)
_Loader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping
)


def read_yaml(path: Path, what: str = "contract") -> Any:
    """Read one YAML document.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it is, for messages.

    Raises
    ------
    InputError
        If the file cannot be read or is not YAML; with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The {what} cannot be read: {error}.",
            where=str(path),
            hint="It has to be a readable UTF-8 text file.",
        ) from error
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 -- a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(
            f"The {what} is not valid YAML: {problem}.",
            where=f"{path}{line}",
            hint="Mend the file; indentation and colons are the usual cause.",
        ) from error
