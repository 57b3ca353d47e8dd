"""What was foretold and what came, by tenth of the score."""

import pandas as pd

from acrm.mining.parts import in_parts
from acrm.mining.score_table import GROUP, JUDGED, decile_scores


def model(dbt, session):
    """Compare at each past cut-off."""
    dbt.config(materialized="table")
    mature = dbt.ref("int_score").filter("actual is not null")
    parts = in_parts(mature, GROUP, JUDGED)
    return pd.concat([decile_scores(part) for part in parts], ignore_index=True)
