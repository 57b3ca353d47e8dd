"""Segments of customers: now, at the newest past cut-off, and where they were drawn."""

import pandas as pd

from acrm.mining.parts import in_parts
from acrm.mining.segment_table import DEFINITION, FEATURES, place_customers

PART = [*DEFINITION, "cutoff_date", "is_current", "is_judged", "is_in_force"]
# the version that holds now is judged; the one that held then is what was known then
PLACED = """
    select *, definition_version is not distinct from version_then as is_in_force
    from behaviours
    where is_current or is_judged
    union all by name
    select * replace (version_then as definition_version, false as is_judged),
        true as is_in_force
    from behaviours
    where version_then <> definition_version
        or (version_then = definition_version and not is_current and not is_judged)
"""


def model(dbt, session):
    """Place them by the version that holds now, and by the one that held then."""
    dbt.config(materialized="table")
    fits = dbt.ref("py_segment_fit").df()
    told = dbt.ref("int_customer_behaviour").query("behaviours", PLACED)
    parts = in_parts(told, PART, ["customer_id", *FEATURES])
    return pd.concat(
        [place_customers(part, fits).join(part[PART[2:]]) for part in parts],
        ignore_index=True,
    )
