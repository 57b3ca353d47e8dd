"""From a private build to a published version that readers see.

A version is a folder that never changes once it has its name. ``current`` is a
symbolic link to one of them, and the only thing that a publication replaces.

A publication moves the build file into the version instead of copying it, so that it
costs what changed and not what there is:

1. ``staging``: audit, put tables in the place of views (``build_file``), write the
   Parquet files whose rows changed and share the others (``parquet``), strip the file
   of all that the next build can make again, write it anew if most of it is free space
   (``compaction``), rename it into the version.
2. ``release``: switch ``current``.
3. ``upkeep``: delete old versions, and lay out the next build file (``standby``).

A process that is killed leaves readers whole at each point. What it leaves of the build
file tells the next build where to begin: the file itself, an unfinished version (taken
back), or nothing (a copy of what readers see). ``acrm publish`` takes only a file that
was built and not touched since.
"""

from acrm.publication.release import (
    Published,
    build_and_publish,
    mine_and_publish,
    publish,
)
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
    "mine_and_publish",
    "publish",
    "read_switches",
    "roll_back",
]
