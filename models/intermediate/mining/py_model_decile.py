"""What was foretold and what came, by tenth of the score."""

from acrm.mining.score_table import decile_scores


def model(dbt, session):
    """Compare at each past cut-off."""
    dbt.config(materialized="table")
    return decile_scores(dbt.ref("int_score").df())
