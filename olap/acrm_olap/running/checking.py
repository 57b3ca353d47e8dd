"""Check all definitions at once, and what they promise of a warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from acrm.errors import InputError
from acrm_olap.definitions import BoundCube, Definitions, bind, read_catalog
from acrm_olap.definitions.read import read_each
from acrm_olap.definitions.virtual import bind_virtual
from acrm_olap.errors import DefinitionError
from acrm_olap.running.database import Database
from acrm_olap.running.knowledge import Knowledge


@dataclass(frozen=True)
class Finding:
    """What was checked, and what is wrong with it.

    Parameters
    ----------
    what : str
        ``cube sales``, ``cube sales, dimension customer``, ``definitions``.
    checked : str
        What is now known, if nothing is wrong.
    fault : InputError or None
        What is wrong.
    """

    what: str
    checked: str
    fault: InputError | None = None


def check(folders: Iterable[Path], database: Database) -> list[Finding]:
    """Hold definitions against a warehouse, and prove what they promise of it.

    A fault in one file does not keep the others from being checked.

    Parameters
    ----------
    folders : iterable of Path
        With the YAML.
    database : Database
        The warehouse.
    """
    definitions, faults = read_each(folders)
    findings = [Finding("definitions", "", fault) for fault in faults]
    cubes: dict[str, BoundCube] = {}
    with database.cursor() as cursor:
        catalog = read_catalog(cursor)
        for name, cube in definitions.cubes.items():
            alone = replace(definitions, cubes={name: cube}, virtual_cubes={})
            try:
                cubes |= bind(alone, catalog)
            except InputError as fault:
                findings.append(Finding(f"cube {name}", "", fault))
                continue
            found = cubes[name]
            sizes = f"{len(found.measures)} measures, {len(found.uses)} roles"
            findings.append(Finding(f"cube {name}", sizes))
    findings += _virtual(definitions, cubes)
    knowledge = Knowledge(database)
    for bound in cubes.values():
        findings += _proofs(bound, knowledge)
    return _once(findings)


def _virtual(
    definitions: Definitions, cubes: dict[str, BoundCube]
) -> Iterator[Finding]:
    for name, virtual in definitions.virtual_cubes.items():
        missing = [each for each in virtual.cubes
                   if each in definitions.cubes and each not in cubes]  # fmt: skip
        try:
            if missing:
                raise DefinitionError(
                    f"The virtual cube '{name}' is made of {', '.join(missing)}, which"
                    " cannot be used.",
                    where=definitions.where("virtual_cube", name, "cubes"),
                    hint="Mend what is said of these cubes first.",
                )
            bound = bind_virtual(definitions, cubes, virtual)
        except InputError as fault:
            yield Finding(f"virtual cube {name}", "", fault)
            continue
        parts = ", ".join(part.name for part in bound.parts)
        yield Finding(f"virtual cube {name}", f"measures of {parts}")


def _proofs(cube: BoundCube, knowledge: Knowledge) -> Iterator[Finding]:
    for role, use in cube.uses.items():
        what = f"cube {cube.name}, dimension {role}"
        try:
            knowledge.prove(cube, [role])
        except InputError as fault:
            yield Finding(what, "", fault)
            continue
        if use.dimension is None:
            yield Finding(what, "columns of the fact")
        elif use.use.at:
            yield Finding(what, "levels that the fact has")
        elif use.use.complete:
            yield Finding(what, "key is unique, every row has a member")
        else:
            yield Finding(what, "key is unique")


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Say a fault once, however many cubes meet it."""
    seen: set[str] = set()
    found = []
    for each in findings:
        text = str(each.fault) if each.fault else ""
        if text and text in seen:
            continue
        seen.add(text)
        found.append(each)
    return found
