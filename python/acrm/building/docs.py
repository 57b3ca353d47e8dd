"""The documentation of the warehouse as one file that opens without a network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from acrm.building.dbt import Dbt
from acrm.disk import replacing
from acrm.errors import InputError, RunError

# The page carries a tracker, which dbt switches on by that setting in its data.
_ASSET = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*?\bsrc\s*=\s*["']?(?P<src>(?:https?:)?//[^"'\s>]+)
      | <link\b[^>]*?\bhref\s*=\s*["']?(?P<href>(?:https?:)?//[^"'\s>]+)
      | (?P<tracking>"send_anonymous_usage_stats":\s*true)
      | @import\s+(?:url\()?["']?(?P<css>(?:https?:)?//[^"'\s)]+)""",
    re.IGNORECASE | re.VERBOSE,
)


def write_docs(dbt: Dbt, output: Path) -> Path:
    """Generate the docs and copy them to one file; the caller holds the lock.

    Parameters
    ----------
    dbt : Dbt
        The parsed project, built at least once.
    output : Path
        The file to write; replaced at once if it exists.

    Returns
    -------
    Path
        ``output``.

    Raises
    ------
    InputError
        If there is nothing built to describe, or the file cannot be written.
    RunError
        If the page would load something from another host.
    """
    if not dbt.project.database.exists():
        raise InputError(
            "There is no build to document.",
            where=f"{dbt.project.database} does not exist",
            hint="Run `acrm build` first.",
        )
    if output.is_dir():
        raise InputError(
            "The docs are one file, and a folder was given.",
            where=str(output),
            hint=f"Name a file, such as {output / 'docs.html'}.",
        )
    dbt.run(["docs", "generate", "--static"])
    page = dbt.target_path / "static_index.html"
    outside = external_assets(page.read_text(encoding="utf-8"))
    if outside:
        raise RunError(
            "The docs page would load files from other hosts.",
            where=", ".join(outside),
            hint="Use a dbt version whose static page carries all it needs.",
        )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with replacing(output) as unfinished:
            shutil.copyfile(page, unfinished)
    except OSError as error:
        raise InputError(
            "The docs cannot be written.",
            where=f"{output}: {error.strerror}",
            hint="Give a path in a folder that you may write to, with space left.",
        ) from error
    return output


def external_assets(html: str) -> list[str]:
    """Return the addresses of scripts, styles and images a page loads from a host.

    Parameters
    ----------
    html : str
        A page. Links that a person may click are not counted.

    Examples
    --------
    >>> external_assets('<script src="https://cdn.example/x.js"></script>')
    ['https://cdn.example/x.js']
    >>> external_assets('<a href="https://docs.example">more</a>')
    []
    """
    return sorted(
        {
            match["src"] or match["href"] or match["css"] or match["tracking"]
            for match in _ASSET.finditer(html)
        }
    )
