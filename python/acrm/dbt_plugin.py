"""What dbt needs of the file system before it opens the build file.

dbt-duckdb starts its plugins before its first connection. The hooks of the
project log every run into the warehouse home, and neither DuckDB nor Jinja can
make a folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Make the folders of the warehouse home that dbt itself writes to."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Create ``home/runs/nodes`` and ``home/tmp`` where they do not exist yet.

        Parameters
        ----------
        plugin_config : dict
            ``home``: the path of the warehouse home.
        """
        for folder in ("runs/nodes", "tmp"):
            (Path(plugin_config["home"]) / folder).mkdir(parents=True, exist_ok=True)
