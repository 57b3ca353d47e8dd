"""Where the real data stands, and that a test needs it.

The data stands beside the repository and is no part of it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from company import ROOT

DATA = Path(os.environ.get("ACRM_ACCEPTANCE_DATA", ROOT.parent / "shared" / "data"))
CDNOW = DATA / "cdnow" / "CDNOW_sample.txt"
GROCER = DATA / "completejourney"
WHOLESALER = DATA / "online_retail" / "online_retail.parquet"


def needs(*paths):
    """Skip the tests of a file, and say so, where one of the paths is not there."""
    return pytest.mark.skipif(
        not all(path.exists() for path in paths),
        reason=f"the acceptance data is not at {DATA}; set ACRM_ACCEPTANCE_DATA",
    )
