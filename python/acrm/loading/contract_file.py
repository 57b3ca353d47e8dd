"""From a pack's sources file to its contracts, every mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from acrm.errors import InputError
from acrm.loading.column_rules import (
    COLUMN_META,
    flag_of,
    format_of,
    value_of,
)
from acrm.loading.contracts import (
    PLAIN_TYPES,
    RESERVED_COLUMNS,
    Column,
    CsvDialect,
    Ignored,
    Postgres,
    System,
    Table,
    parse_data_type,
)
from acrm.loading.postgres_rules import POSTGRES_KEYS, postgres_of
from acrm.loading.wording import did_you_mean, listed
from acrm.project import Project
from acrm.yaml_lines import LinedDict, read_yaml

PACKS_PAGE = "models/staging/README.md"
SOURCE_META = ("ignored_files",)
TABLE_META = ("files", "key", "event_time", "max_quarantined_share", "csv", "postgres")
CSV_KEYS = ("delimiter", "encoding", "quote", "null_values")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def pack_names(project: Project) -> list[str]:
    """Return the names of the packs that have a sources file, in order."""
    return sorted(
        path.parent.name
        for path in project.packs.glob("*/_*__sources.yml")
        if path.name == f"_{path.parent.name}__sources.yml"
    )


def load_system(project: Project, name: str) -> System:
    """Read the contracts of a source system.

    Parameters
    ----------
    project : Project
        Whose packs to look in.
    name : str
        Name of the pack.

    Returns
    -------
    System
        With at least one table.

    Raises
    ------
    InputError
        If there is no such pack, or its sources file breaks a rule; with the
        file, the line and what is allowed.
    """
    packs = pack_names(project)
    if name not in packs:
        raise InputError(
            f"There is no pack '{name}'.",
            where=str(project.packs),
            hint=f"{did_you_mean(name, packs)}The packs are: {listed(packs)}. "
            f"How to write one: {PACKS_PAGE}.",
        )
    path = project.packs / name / f"_{name}__sources.yml"
    return _Reader(path).system(name)


class _Reader:
    """Reads one sources file; it knows the file for its messages."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(
        self, what: str, holder: object, key: object = None, hint: str = ""
    ) -> InputError:
        """Return the error, placed at the key's line or the mapping's own."""
        line = 0
        if isinstance(holder, LinedDict):
            line = holder.lines.get(key, holder.line)
        place = f"{self.path}, line {line}" if line else str(self.path)
        return InputError(what, where=place, hint=hint or f"See {PACKS_PAGE}.")

    def system(self, name: str) -> System:
        document = read_yaml(self.path)
        sources = self.mappings(document, "sources", "The sources file")
        source = next((each for each in sources if each.get("name") == name), None)
        if source is None:
            names = [str(each.get("name")) for each in sources]
            raise self.fail(
                f"The sources file of pack '{name}' has no source of that name.",
                document,
                "sources",
                f"{did_you_mean(name, names)}It has: {listed(names)}.",
            )
        meta = self.meta(source, f"source '{name}'", SOURCE_META)
        tables = [
            self.table(each)
            for each in self.mappings(source, "tables", f"Source '{name}'")
        ]
        self.refuse_twice([table.name for table in tables], "table", source)
        return System(
            name=name,
            path=self.path,
            tables=tuple(tables),
            ignored=tuple(self.ignored(meta)),
        )

    def ignored(self, meta: LinedDict) -> Iterable[Ignored]:
        if "ignored_files" not in meta:
            return
        for each in self.mappings(meta, "ignored_files", "The source's meta"):
            self.known_keys(each, ("files", "reason"), "ignored_files")
            reason = each.get("reason")
            if not isinstance(reason, str) or not reason.strip():
                raise self.fail(
                    "Files are ignored without a reason.",
                    each,
                    "reason",
                    "Add reason: a sentence that says why they are not loaded.",
                )
            yield Ignored(self.texts(each, "files", "ignored_files"), reason)

    def table(self, given: LinedDict) -> Table:
        name = self.name(given, "table")
        what = f"table '{name}'"
        meta = self.meta(given, what, TABLE_META)
        columns = tuple(
            self.column(each, what)
            for each in self.mappings(given, "columns", f"The contract of {what}")
        )
        names = [column.name for column in columns]
        self.refuse_twice(names, "column", given)
        key = self.texts(meta, "key", what) if "key" in meta else ()
        self.refuse_twice(list(key), "key column", meta, "key")
        for each in key:
            self.known_column(each, names, meta, "key", what)
        event_time = meta.get("event_time")
        if event_time is not None:
            self.known_column(event_time, names, meta, "event_time", what)
            if not columns[names.index(event_time)].data_type.is_moment:
                raise self.fail(
                    f"event_time of {what} is '{event_time}', which is no date and "
                    "no timestamp.",
                    meta,
                    "event_time",
                    "Name a column of data_type date or timestamp.",
                )
        default = (f"{name}.*", f"{name}_*.*", f"{name}-*.*")
        return Table(
            name=name,
            columns=columns,
            files=self.texts(meta, "files", what) if "files" in meta else default,
            key=key,
            event_time=event_time,
            max_quarantined_share=self.share(meta, what),
            csv=self.csv(meta, what),
            postgres=self.postgres(meta, columns, what),
        )

    def postgres(
        self, meta: LinedDict, columns: Sequence[Column], what: str
    ) -> Postgres | None:
        given = meta.get("postgres", LinedDict())
        if given is False:
            return None
        if not isinstance(given, LinedDict):
            raise self.fail(
                f"postgres of {what} is {given!r}.",
                meta,
                "postgres",
                "Write {table: schema.table, …}, or false for a table that no "
                "database has.",
            )
        self.known_keys(given, POSTGRES_KEYS, f"postgres of {what}")
        try:
            return postgres_of(given, columns)
        except ValueError as error:
            key, problem, hint = error.args
            problem = f"postgres {key} of {what} {problem}."
            raise self.fail(problem, given, key, hint) from None

    def share(self, meta: LinedDict, what: str) -> float:
        share = meta.get("max_quarantined_share", 0.0)
        is_number = isinstance(share, int | float) and not isinstance(share, bool)
        if not is_number or not 0 <= share <= 1:
            raise self.fail(
                f"max_quarantined_share of {what} is {share!r}.",
                meta,
                "max_quarantined_share",
                "Give a share from 0 to 1, such as 0.01 for one row in a hundred.",
            )
        return float(share)

    def csv(self, meta: LinedDict, what: str) -> CsvDialect:
        given = meta.get("csv")
        if given is None:
            return CsvDialect()
        if not isinstance(given, LinedDict):
            raise self.fail(f"csv of {what} is no mapping.", meta, "csv")
        self.known_keys(given, CSV_KEYS, f"csv of {what}")
        for key in ("delimiter", "quote"):
            value = given.get(key, ",")
            is_character = isinstance(value, str) and len(value) == 1
            if (is_character and value not in "\r\n") or (key, value) == ("quote", ""):
                continue
            raise self.fail(
                f"csv {key} of {what} is {value!r}.",
                given,
                key,
                'Give one character in quotes, such as ";" or "\\t".',
            )
        encoding = given.get("encoding", "utf-8")
        try:
            "".encode(encoding)
        except (LookupError, TypeError):
            raise self.fail(
                f"csv encoding of {what} is {encoding!r}, which is no text encoding.",
                given,
                "encoding",
                "Usual ones are utf-8, latin-1, windows-1252 and utf-16.",
            ) from None
        nulls = CsvDialect.null_values
        if "null_values" in given:
            nulls = self.texts(given, "null_values", what, empty=True)
        return CsvDialect(
            delimiter=given.get("delimiter"),
            encoding=encoding,
            quote=given.get("quote", '"'),
            null_values=nulls,
        )

    def column(self, given: LinedDict, table: str) -> Column:
        name = given.get("name")
        if not isinstance(name, str) or not name.strip() or name != name.strip():
            raise self.fail(f"A column of {table} has no usable name.", given, "name")
        what = f"column '{name}' of {table}"
        if name.lower() in (*RESERVED_COLUMNS, "file_row_number"):
            raise self.fail(
                f"The name of {what} is kept for the loader's own columns.",
                given,
                "name",
                f"These are: {listed(RESERVED_COLUMNS)}, file_row_number.",
            )
        data_type = parse_data_type(str(given.get("data_type", "")))
        if data_type is None:
            types = (*PLAIN_TYPES, "decimal(p,s)")
            found = given.get("data_type")
            problem = f"data_type '{found}'" if found else "no data_type"
            raise self.fail(
                f"{what[0].upper()}{what[1:]} has {problem}.",
                given,
                "data_type",
                f"{did_you_mean(str(found), types)}Allowed: {listed(types)}, "
                "with 1 <= p <= 38 and s <= p.",
            )
        meta = self.meta(given, what, COLUMN_META)
        try:
            return Column(
                name=name,
                data_type=data_type,
                required=flag_of(meta, "required"),
                optional=flag_of(meta, "optional"),
                minimum=value_of(meta.get("min"), data_type, "min"),
                maximum=value_of(meta.get("max"), data_type, "max"),
                allowed=self.allowed(meta, data_type),
                time_format=format_of(meta.get("format"), data_type),
            )
        except ValueError as error:
            key, problem, hint = error.args
            raise self.fail(f"{key} of {what} {problem}.", meta, key, hint) from None

    def allowed(self, meta: LinedDict, data_type: Any) -> tuple[Any, ...]:
        if "allowed" not in meta:
            return ()
        values = meta["allowed"]
        if not isinstance(values, list) or not values:
            raise ValueError("allowed", "is no list of values", "Write [a, b].")
        return tuple(value_of(value, data_type, "allowed") for value in values)

    def meta(self, holder: LinedDict, what: str, allowed: Sequence[str]) -> LinedDict:
        """Return ``config.meta``; refuse unknown keys and meta in the wrong place."""
        if "meta" in holder:
            raise self.fail(
                f"meta of {what} stands outside config, where it has no effect.",
                holder,
                "meta",
                "Write config: {meta: {…}}.",
            )
        config = holder.get("config") or LinedDict()
        meta = config.get("meta") if isinstance(config, LinedDict) else config
        if meta is None:
            return LinedDict()
        if not isinstance(meta, LinedDict):
            problem = f"config or meta of {what} is no mapping."
            raise self.fail(problem, holder, "config")
        self.known_keys(meta, allowed, f"meta of {what}")
        return meta

    def known_keys(self, given: LinedDict, allowed: Sequence[str], what: str) -> None:
        for key in given:
            if key not in allowed:
                raise self.fail(
                    f"Unknown key '{key}' in {what}.",
                    given,
                    key,
                    f"{did_you_mean(str(key), allowed)}Allowed: {listed(allowed)}.",
                )

    def known_column(
        self, column: object, names: list[str], meta: LinedDict, key: str, what: str
    ) -> None:
        if column not in names:
            raise self.fail(
                f"{key} of {what} names an unknown column '{column}'.",
                meta,
                key,
                f"{did_you_mean(str(column), names)}It has: {listed(names)}.",
            )

    def name(self, given: LinedDict, what: str) -> str:
        name = given.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self.fail(
                f"The name of a {what} is {name!r}.",
                given,
                "name",
                "Use letters, digits and underscores; it names a folder.",
            )
        return name

    def mappings(self, holder: object, key: str, what: str) -> list[LinedDict]:
        """Return a list of mappings under a key, or say that it is none."""
        values = holder.get(key) if isinstance(holder, LinedDict) else None
        if not isinstance(values, list) or not values:
            raise self.fail(f"{what} has no list '{key}'.", holder, key)
        for value in values:
            if not isinstance(value, LinedDict):
                raise self.fail(
                    f"{what} has something else than mappings under '{key}': "
                    f"{value!r}.",
                    holder,
                    key,
                )
        return values

    def texts(
        self, holder: LinedDict, key: str, what: str, *, empty: bool = False
    ) -> tuple[str, ...]:
        """Return a list of texts under a key; one text stands for a list of one."""
        values = holder.get(key)
        if isinstance(values, str):
            values = [values]
        if not isinstance(values, list) or not all(
            isinstance(value, str) and (value or empty) for value in values
        ):
            raise self.fail(
                f"{key} of {what} is no list of texts.",
                holder,
                key,
                f'Write {key}: ["…", "…"], each text in quotes.',
            )
        return tuple(values)

    def refuse_twice(
        self, names: list[str], what: str, holder: LinedDict, key: str = "name"
    ) -> None:
        """Refuse a name given twice; case does not make names differ."""
        seen: set[str] = set()
        for name in names:
            if name.lower() in seen:
                raise self.fail(f"The {what} '{name}' is given twice.", holder, key)
            seen.add(name.lower())
