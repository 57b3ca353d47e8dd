"""Own cycles of kinds of customers, by the rhythm of each definition."""

from acrm.mining.code import code_hash
from acrm.mining.rhythm_table import own_cycles


def model(dbt, session):
    """Fit each definition at its cut-off, and apply it to all its months."""
    dbt.config(materialized="table")
    months = dbt.ref("int_customer_definition")
    kind = "id_space, definition_version, intervals, total_days"
    known = months.filter("cutoff_date = definition_cutoff_date")
    return own_cycles(
        known.project(f"{kind}, log_days").df(), months.project(kind).distinct().df()
    ).assign(code_hash=code_hash())
