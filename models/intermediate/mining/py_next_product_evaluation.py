"""Lists of next products against what customers bought for the first time later."""

from acrm.mining.parts import rows_of, together
from acrm.mining.recommend_table import judge_products
from acrm.mining.score_table import no_evaluation

PAIR = "customer_number, item_number"


def model(dbt, session):
    """Judge at the newest cut-off whose outcome is known."""
    dbt.config(materialized="table")
    most = int(dbt.config.meta_get("customers"))
    choices = dbt.ref("int_customer_choice").filter(f"customer_number <= {most}")
    cutoffs = dbt.ref("int_mining_cutoff").filter("is_mature")
    tables = [no_evaluation()]
    for space, cutoff in sorted(cutoffs.project("id_space, cutoff_date").fetchall()):
        group = rows_of(choices, id_space=space, cutoff_date=cutoff).order(PAIR)
        before = group.filter("not is_label").project(PAIR).df()
        after = group.filter("is_label and item_number > 0").project(PAIR).df()
        if len(before):
            k = int(dbt.config.meta_get("count"))
            tables.append(judge_products(before, after, space, cutoff, k))
    return together(tables)
