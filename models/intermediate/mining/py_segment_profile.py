"""What segments are like."""

import pandas as pd

from acrm.mining.parts import in_parts
from acrm.mining.segment_table import (
    DEFINITION,
    DEPARTMENTS,
    FEATURES,
    profile_segments,
)


def model(dbt, session):
    """Describe the customers who are in them now."""
    dbt.config(materialized="table")
    fits = dbt.ref("py_segment_fit").df()
    told = dbt.ref("int_customer_behaviour").filter("is_current")
    parts = in_parts(told, DEFINITION, ["customer_id", *FEATURES, *DEPARTMENTS])
    return pd.concat([profile_segments(part, fits) for part in parts])
