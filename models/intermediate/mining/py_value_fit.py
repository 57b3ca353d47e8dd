"""Parameters of the models of value, at each cut-off."""

import pandas as pd

from acrm.mining.code import code_hash
from acrm.mining.parts import in_parts
from acrm.mining.value_table import HISTORY, PART, fit_values

COLUMNS = [*HISTORY, "mean_repeat_value_amount"]


def model(dbt, session):
    """Fit by what was known at the cut-off."""
    dbt.config(materialized="table")
    parts = in_parts(dbt.ref("obs_customer"), PART, COLUMNS)
    fits = pd.concat([fit_values(part) for part in parts], ignore_index=True)
    return fits.assign(code_hash=code_hash())
