"""What is bought within 30 days after what, by level, at both cut-offs."""

from acrm.mining.code import code_hash
from acrm.mining.sequence_table import rules_across_days


def model(dbt, session):
    """Find rules among what SQL has counted."""
    dbt.config(materialized="table")
    return rules_across_days(
        dbt.ref("int_item_count").filter("is_frequent").df(),
        dbt.ref("int_item_follow").df(),
        dbt.ref("int_affinity_window").df(),
        support=float(dbt.config.meta_get("support")),
        confidence=float(dbt.config.meta_get("confidence")),
    ).assign(code_hash=code_hash())
