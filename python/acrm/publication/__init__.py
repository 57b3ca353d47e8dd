"""From a private build to a published version that readers see.

A version is a folder that never changes once it has its name. ``current`` is a
symbolic link to one of them, and the only thing that a publication replaces.
"""

from acrm.publication.release import Published, build_and_publish, publish
from acrm.publication.rollback import roll_back
from acrm.publication.versions import (
    Switch,
    TableEntry,
    Version,
    current_version,
    find_version,
    list_versions,
    read_switches,
)

__all__ = [
    "Published",
    "Switch",
    "TableEntry",
    "Version",
    "build_and_publish",
    "current_version",
    "find_version",
    "list_versions",
    "publish",
    "read_switches",
    "roll_back",
]
