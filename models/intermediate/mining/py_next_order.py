"""When the next order of each kind of customer is due, at each cut-off."""

import pandas as pd

from acrm.mining.churn_table import due_dates
from acrm.mining.code import code_hash
from acrm.mining.parts import parts_of, together

KIND = "intervals, total_days, silent_days"
SAMPLE = "qualify row_number() over (order by md5_number_lower(customer_id)) <= {most}"


def model(dbt, session):
    """Learn the rhythm at each cut-off, and work out each kind once."""
    dbt.config(materialized="table")
    most = int(dbt.config.meta_get("customers"))
    histories = dbt.ref("int_order_history")
    tables = [
        due_dates(*(histories.limit(0).df(),) * 2).assign(id_space="", cutoff_date="")
    ]
    for (space, cutoff), group in parts_of(histories, ["id_space", "cutoff_date"]):
        known = group.filter("intervals > 0").query(
            "known",
            "select intervals, total_days, log_days from known "
            + SAMPLE.format(most=most)
            + " order by md5_number_lower(customer_id)",
        )
        kinds = group.project(KIND).distinct().order(KIND).df()
        due = due_dates(known.df(), kinds)
        tables.append(due.assign(id_space=space, cutoff_date=pd.Timestamp(cutoff)))
    return together(tables).assign(code_hash=code_hash())
