"""The warehouse as it was known on a past date.

A build from the batches that were loaded by then, in a DuckDB file of its own: never
the build file, and never published. The raw zone is immutable and batches are dated in
the order of their commits, so that a past date always gives the same rows.
"""

from acrm.past.build import PastBuild, build_as_known_on
from acrm.past.file import PastFile, find_past_file
from acrm.past.instant import Instant, parse_instant

__all__ = [
    "Instant",
    "PastBuild",
    "PastFile",
    "build_as_known_on",
    "find_past_file",
    "parse_instant",
]
