"""How far each table of a live database has been read.

The last watermark of a table is kept in the record of the batch that brought its rows:
both exist from the same rename on, so a load that is killed never skips rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow.parquet as pq

from acrm.project import Project

_KEY = b"acrm.watermarks"


@dataclass(frozen=True)
class Watermark:
    """How far one table was read in one batch.

    Parameters
    ----------
    system, table_name, source_file : str
        The table, as in the batch log.
    loaded_at : str
        When the batch was loaded, ISO 8601 in UTC.
    server : str
        Tells one database from another without naming it.
    column, kind : str
        The column, and its type on the server.
    value : str
        The largest value seen that is not in the future: ISO 8601 or a number.
    window_sha256 : str
        Fingerprint of the rows that the next load will see again by its overlap. If
        it sees no others, nothing has changed.
    """

    system: str
    table_name: str
    source_file: str
    loaded_at: str
    server: str
    column: str
    kind: str
    value: str
    window_sha256: str

    @property
    def number_or_moment(self) -> int | datetime:
        """The value to reckon with."""
        if self.kind.startswith("int"):
            return int(self.value)
        return datetime.fromisoformat(self.value)


def metadata_of(watermarks: Sequence[Watermark]) -> dict[bytes, bytes]:
    """Return what the record of a batch says of watermarks."""
    if not watermarks:
        return {}
    return {_KEY: json.dumps([asdict(each) for each in watermarks]).encode()}


def last_watermarks(project: Project, system: str) -> dict[tuple[str, str], Watermark]:
    """Return the last committed watermark by table and source file."""
    found = [
        Watermark(**each)
        for path in project.batches.glob("*.parquet")
        for each in json.loads((pq.read_schema(path).metadata or {}).get(_KEY, b"[]"))
    ]
    found.sort(key=lambda each: each.loaded_at)
    return {
        (each.table_name, each.source_file): each
        for each in found
        if each.system == system
    }
