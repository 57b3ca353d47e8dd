"""What is bought beside an item, against what is bought beside others."""

from acrm.mining.code import code_hash
from acrm.mining.halo_table import halos_by_level


def model(dbt, session):
    """Compare stratum by stratum what SQL has added up."""
    dbt.config(materialized="table")
    return halos_by_level(
        dbt.ref("int_halo_count").df(), dbt.ref("int_affinity_window").df()
    ).assign(code_hash=code_hash())
