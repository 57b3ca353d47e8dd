"""Moves of customers between states, with what they cost and are to be next."""

from acrm.mining.migration_table import moves_of_counts


def model(dbt, session):
    """Measure what SQL has counted."""
    dbt.config(materialized="table")
    return moves_of_counts(dbt.ref("int_state_move").df())
