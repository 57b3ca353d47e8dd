"""Pairs that are bought together, by level, at the current and a past cut-off."""

from acrm.mining.affinity_table import rules_by_level
from acrm.mining.code import code_hash


def model(dbt, session):
    """Find them among the baskets up to each cut-off."""
    dbt.config(materialized="table")
    return rules_by_level(
        dbt.ref("int_basket_item").df(),
        dbt.ref("int_mining_cutoff").filter("is_observed").df(),
        days=int(dbt.config.meta_get("days")),
        support=float(dbt.config.meta_get("support")),
        confidence=float(dbt.config.meta_get("confidence")),
    ).assign(code_hash=code_hash())
