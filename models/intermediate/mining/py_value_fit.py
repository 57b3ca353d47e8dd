"""Parameters of the models of value, at each cut-off."""

from acrm.mining.code import code_hash
from acrm.mining.parts import in_parts, side_by_side
from acrm.mining.value_table import HISTORY, PART, fit_values

COLUMNS = [*HISTORY, "mean_repeat_value_amount"]


def model(dbt, session):
    """Fit by what was known at the cut-off."""
    dbt.config(materialized="table")
    parts = in_parts(dbt.ref("obs_customer"), PART, COLUMNS)
    return side_by_side(fit_values, parts).assign(code_hash=code_hash())
