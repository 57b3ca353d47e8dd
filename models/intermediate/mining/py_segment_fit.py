"""Clusters of customers, drawn where definitions are."""

from acrm.mining.code import code_hash
from acrm.mining.segment_table import DEPARTMENTS, FEATURES, fit_segments

VERSIONS = "id_space, definition_version, definition_cutoff_date"


def model(dbt, session):
    """Draw them by what was known at the cut-off of the definition."""
    dbt.config(materialized="table")
    columns = ", ".join(["id_space", "cutoff_date", *FEATURES, *DEPARTMENTS])
    drawn = dbt.ref("int_customer_behaviour").filter("is_drawn").project(columns)
    versions = dbt.ref("int_mining_definition").project(VERSIONS).distinct()
    return fit_segments(drawn.df(), versions.df()).assign(code_hash=code_hash())
