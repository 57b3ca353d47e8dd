"""The files of the repository, as a reader of it meets them."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> dict[str, Any]:
    return yaml.load(text(path), yaml.CSafeLoader)


def name_of(path: Path) -> str:
    """The path from the root, for test ids and messages."""
    return path.relative_to(ROOT).as_posix()


def below(folder: str, pattern: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob(pattern))
    assert found, f"{folder} has no {pattern}"
    return found


@cache
def all_files() -> list[Path]:
    """Every file but git's own and what .gitignore leaves out."""
    ignored = [".git", *(line.strip("/") for line in text(ROOT / ".gitignore").split())]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name for name in folders if not any(fnmatch(name, one) for one in ignored)
        ]
        found += [
            Path(folder, name)
            for name in files
            if not any(fnmatch(name, one) for one in ignored)
        ]
    return sorted(found)


@cache
def text_files() -> list[Path]:
    """Every file that is text: no data, no pictures."""
    return [path for path in all_files() if b"\0" not in path.read_bytes()]
