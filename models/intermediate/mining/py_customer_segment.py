"""Segments of customers at the current cut-off and the newest past one."""

import pandas as pd

from acrm.mining.parts import in_parts
from acrm.mining.segment_table import DEFINITION, FEATURES, place_customers

PART = [*DEFINITION, "cutoff_date"]


def model(dbt, session):
    """Place them by the version that holds now."""
    dbt.config(materialized="table")
    fits = dbt.ref("py_segment_fit").df()
    told = dbt.ref("int_customer_behaviour").filter("is_current or is_judged")
    parts = in_parts(told, PART, ["customer_id", "is_current", *FEATURES])
    return pd.concat(
        [
            place_customers(part, fits).join(part[["cutoff_date", "is_current"]])
            for part in parts
        ],
        ignore_index=True,
    )
