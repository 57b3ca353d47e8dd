"""What baskets lose beside a product while it is out of stock."""

from acrm.mining.code import code_hash
from acrm.mining.stock_out import stock_out_halos


def model(dbt, session):
    """Compare stratum by stratum what SQL has added up."""
    dbt.config(materialized="table")
    found = stock_out_halos(dbt.ref("int_stock_out_halo").df())
    return found.assign(code_hash=code_hash())
