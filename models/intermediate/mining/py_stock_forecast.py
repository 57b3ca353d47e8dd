"""How many customers each state will have a quarter on."""

from acrm.mining.code import code_hash
from acrm.mining.migration_table import forecast_stocks


def model(dbt, session):
    """Let customers move as they did in the last quarter."""
    dbt.config(materialized="table")
    return forecast_stocks(dbt.ref("int_state_move").df()).assign(code_hash=code_hash())
