"""Next products of each customer, a part of the customers at a time."""

import pandas as pd

from acrm.mining.code import code_hash
from acrm.mining.parts import rows_of
from acrm.mining.recommend_table import FALLBACK, METHOD, list_products

PAIR = "customer_number, item_number"
TABLE = """
    create or replace temp table next_product_list (
        id_space varchar, cutoff_date date, customer_number integer, rank integer,
        item_number integer, score double, because_number integer, source varchar,
        status varchar, reason varchar, code_hash varchar
    )
"""
PART = 100_000  # customers


def model(dbt, session):
    """Recommend by the model where it beat popularity, else what is popular."""
    dbt.config(materialized="table")
    most = int(dbt.config.meta_get("customers"))
    count = int(dbt.config.meta_get("count"))
    choices = dbt.ref("int_customer_choice").filter("not is_label")
    items = dbt.ref("int_item_choice").filter(
        "is_current and held_back_because is null"
    )
    judged = dbt.ref("py_next_product_evaluation").filter(
        "is_primary and verdict = 'better'"
    )
    better = {space for (space,) in judged.project("id_space").fetchall()}
    current = dbt.ref("int_mining_cutoff").filter("is_current")
    session.execute(TABLE)
    for space, cutoff in sorted(current.project("id_space, cutoff_date").fetchall()):
        group = rows_of(choices, id_space=space, cutoff_date=cutoff)
        ((customers,),) = group.aggregate(
            "coalesce(max(customer_number), 0)"
        ).fetchall()
        allowed = rows_of(items, id_space=space).project("item_number").fetchall()
        lists = list_products(
            group.filter(f"customer_number <= {most}").project(PAIR).order(PAIR).df(),
            _parts(group.filter("has_consent"), customers),
            [number for (number,) in allowed],
            METHOD if space in better else FALLBACK,
            count,
        )
        for part in lists:
            _keep(
                session, part.assign(id_space=space, cutoff_date=pd.Timestamp(cutoff))
            )
    return session.table("next_product_list")


def _parts(group, customers):
    for first in range(1, customers + 1, PART):
        of_it = f"customer_number between {first} and {first + PART - 1}"
        part = group.filter(of_it).project(PAIR).order(PAIR).df()
        if len(part):
            yield part


def _keep(session, part):
    session.register("next_product_part", part.assign(code_hash=code_hash()))
    session.execute(
        "insert into next_product_list by name select * from next_product_part"
    )
    session.unregister("next_product_part")
