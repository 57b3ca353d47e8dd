"""What is bought with what, by level, at the current and a past cut-off."""

from acrm.mining.affinity_table import rules_by_level
from acrm.mining.code import code_hash


def model(dbt, session):
    """Find rules among what SQL has counted."""
    dbt.config(materialized="table")
    return rules_by_level(
        dbt.ref("int_item_count").filter("is_frequent").df(),
        dbt.ref("int_item_set_count").df(),
        dbt.ref("int_item_follow").df(),
        dbt.ref("int_affinity_window").df(),
        support=float(dbt.config.meta_get("support")),
        triple_support=float(dbt.config.meta_get("triple_support")),
        confidence=float(dbt.config.meta_get("confidence")),
    ).assign(code_hash=code_hash())
