"""Who may ask, and what they see: roles and tokens from a YAML file.

::

    roles:
      north:
        filters: {customer.region: North}    # rows they see, as of a query's cuts
        hidden: [sales.margin]               # measures that are not there for them
        cubes: [sales]                       # cubes they see; all, if not given
      all: {}
    tokens:
      - {sha256: 9f86d0..., role: north, name: the reports of the north}

A cube, or a cube of a virtual one, that lacks the level of a filter is not shown: its
rows could not be held to it. Naming it under ``cubes`` shows it with all its rows.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from acrm.errors import InputError
from acrm.yaml_lines import read_yaml
from acrm_olap.definitions import BoundCube
from acrm_olap.errors import CubeError, UnknownNameError, nearest
from acrm_olap.planning import ALL, Rights
from acrm_olap.planning.resolve import row_filters
from acrm_olap.query import cuts_of

ROLE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
RoleName = Annotated[str, StringConstraints(pattern=f"^{ROLE.pattern}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(_Strict):
    """What callers of a role see."""

    filters: dict[str, Any] = Field(default_factory=dict)
    hidden: list[str] = Field(default_factory=list)
    cubes: list[str] | None = None


class Token(_Strict):
    """A token, by its hash, and the role of who has it."""

    sha256: Sha256
    role: str
    name: str = ""


class AccessFile(_Strict):
    """Roles and tokens."""

    roles: dict[RoleName, Role] = Field(min_length=1)
    tokens: list[Token] = Field(default_factory=list)


@dataclass(frozen=True)
class View:
    """What a caller sees.

    Parameters
    ----------
    role : str
        Name of the role; empty for everything.
    rights : Rights
        Rows and measures.
    cubes : mapping of str to BoundCube
        The cubes that are there for the caller.
    """

    role: str
    rights: Rights
    cubes: Mapping[str, BoundCube]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is kept from the caller."""
        return not self.role

    def cube(self, name: str) -> BoundCube:
        """Return a cube by name.

        Raises
        ------
        UnknownNameError
            If there is none for the caller.
        """
        if name not in self.cubes:
            raise UnknownNameError("cube", name, self.cubes)
        return self.cubes[name]


@dataclass(frozen=True)
class Access:
    """Roles and tokens, held against the cubes.

    Parameters
    ----------
    views : mapping of str to View
        By role.
    roles : mapping of str to str
        By the hash of a token.
    """

    views: Mapping[str, View]
    roles: Mapping[str, str] = field(repr=False)

    def view(self, token: str) -> View | None:
        """Return what the holder of a token sees; None if it is no token."""
        role = self.roles.get(hash_of(token))
        return self.views[role] if role is not None else None


def hash_of(token: str) -> str:
    """Return the hash of a token, as the file has it."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def new_token() -> str:
    """Return a token that nobody can guess: 256 random bits."""
    return f"acrm_{secrets.token_urlsafe(32)}"


def read_access(path: Path) -> AccessFile:
    """Read roles and tokens.

    Raises
    ------
    InputError
        If the file cannot be used, with what and where.
    """
    document = read_yaml(path, "file of tokens")
    try:
        found = AccessFile.model_validate(document if document is not None else {})
    except ValidationError as error:
        raise _explain(path, error) from error
    seen: set[str] = set()
    for number, token in enumerate(found.tokens):
        if token.role not in found.roles:
            near = nearest(token.role, found.roles)
            guess = f"Did you mean '{near}'? " if near else ""
            raise InputError(
                f"There is no role '{token.role}'.",
                where=f"{path}, tokens.{number}.role",
                hint=f"{guess}There are: {', '.join(found.roles)}.",
            )
        if token.sha256 in seen:
            raise InputError(
                "A token is given twice.",
                where=f"{path}, tokens.{number}.sha256",
                hint="A token has one role; make another token.",
            )
        seen.add(token.sha256)
    return found


def _explain(path: Path, error: ValidationError) -> InputError:
    fault = error.errors()[0]
    place = ".".join(map(str, fault["loc"]))
    reason = fault["msg"]
    hint = "It has `roles` and `tokens`; `acrm serve --new-token ROLE` makes a token."
    if place.endswith("sha256"):
        reason = "is no SHA-256 hash: 64 digits and letters from a to f"
        hint = "The file has the hash of a token, never the token."
    return InputError(
        f"The file of tokens cannot be used: {place or 'it'}: {reason}.",
        where=str(path),
        hint=hint,
    )


def bind_access(
    path: Path, given: AccessFile, cubes: Mapping[str, BoundCube]
) -> Access:
    """Hold roles against the cubes.

    Raises
    ------
    InputError
        If a role names what is not there: it would see more than was meant.
    """
    views = {name: _view(path, name, role, cubes) for name, role in given.roles.items()}
    return Access(views, {each.sha256: each.role for each in given.tokens})


def everything(cubes: Mapping[str, BoundCube]) -> View:
    """Return the view of a caller who sees everything."""
    return View("", ALL, cubes)


def _view(path: Path, name: str, role: Role, cubes: Mapping[str, BoundCube]) -> View:
    def where(part: str) -> str:
        return f"{path}, roles.{name}.{part}"

    known = [f"{cube.name}.{each.name}" for cube in cubes.values()
             for each in cube.measures.values() if each.cube == cube.name]  # fmt: skip
    for each in role.hidden:
        if each not in known:
            raise UnknownNameError("measure", each, known, where=where("hidden"))
    for each in role.cubes or []:
        if each not in cubes:
            raise UnknownNameError("cube", each, cubes, where=where("cubes"))
    rights = Rights(cuts_of(role.filters), frozenset(role.hidden))
    _check_filters(rights, cubes, where("filters"))
    shown = dict(_shown(role, rights, cubes, where("cubes")))
    if not shown:
        raise InputError(
            f"The role '{name}' sees no cube.",
            where=where("cubes"),
            hint="Its filters are of levels that no cube has all of; name the cubes"
            " that it sees with all their rows under `cubes`.",
        )
    return View(name, rights, shown)


def _check_filters(rights: Rights, cubes: Mapping[str, BoundCube], where: str) -> None:
    paths = {path for cube in cubes.values() for path in cube.level_paths}
    for cut in rights.filters:
        having = [part for part in cubes.values() if not part.is_virtual
                  and part.has_level(cut.level)]  # fmt: skip
        if not having:
            raise UnknownNameError("level", cut.level, paths, where=where)
        for part in having:
            try:
                row_filters(part, Rights((cut,)))
            except CubeError as error:
                raise InputError(error.what, where=where, hint=error.hint) from error


def _shown(
    role: Role, rights: Rights, cubes: Mapping[str, BoundCube], where: str
) -> Iterator[tuple[str, BoundCube]]:
    for name, cube in cubes.items():
        if role.cubes is not None:
            if name not in role.cubes:
                continue
            missing = [p.name for p in cube.parts if p.name not in role.cubes]
            if missing:
                raise InputError(
                    f"'{name}' is made of '{missing[0]}', which the role does not see.",
                    where=where,
                    hint=f"Name '{missing[0]}' as well, or leave '{name}' out.",
                )
            yield name, cube
        elif all(p.has_level(cut.level) for p in cube.parts for cut in rights.filters):
            yield name, cube
