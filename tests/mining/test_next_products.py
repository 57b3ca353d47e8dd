"""What a customer or a visitor is told to buy next: by hand, filtered, in words."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from mining.mining_models import build

from acrm.errors import InputError
from acrm.mining import recommend
from acrm.mining.recommend_table import judge_products, list_products

ITEMS = ["int_customer_item", "int_next_customer", "int_item_choice",
         "int_customer_choice"]  # fmt: skip
VISITORS = ["int_visitor_basket", "int_visitor_list", "int_visitor_evaluation"]
CUTOFF = pd.Timestamp("2024-12-31")


@pytest.fixture
def shop():
    """Tea goes with cups, nails with hammers; six products, of which three are left."""
    with duckdb.connect() as connection:
        connection.execute("""
            create table int_mining_cutoff as from (values
                ('shop', date '2024-08-31', false, true, date '2024-09-08',
                 date '2024-12-07', true),
                ('shop', date '2024-12-31', true, false, date '2025-01-08',
                 date '2025-04-08', true)
            ) as rows (id_space, cutoff_date, is_current, is_mature, label_from,
                label_to, is_observed);
            create table int_known_line as
            select 'shop' as id_space, 'sale' as line_type, *, date_key as recorded_on
            from (values
                ('A', 'tea', date '2024-07-01', 1.0), ('A', 'cup', '2024-12-01', 2.0),
                ('B', 'tea', '2024-07-01', 1.0), ('B', 'cup', '2024-12-01', 2.0),
                ('C', 'tea', '2024-07-01', 1.0), ('C', 'boat', '2024-12-01', -3.0),
                ('D', 'nail', '2024-07-01', 1.0), ('D', 'hammer', '2024-12-01', 4.0),
                ('E', 'nail', '2024-12-01', 1.0), ('E', 'tea', '2024-12-02', 1.0),
                ('F', 'nail', '2024-12-01', 1.0), ('G', 'lamp', '2024-12-01', 9.0),
                ('H', 'tea', '2025-01-15', 1.0), ('F', 'cup', '2025-01-15', 2.0)
            ) as rows (customer_id, product_id, date_key, margin_amount);
            create table fct_sales_line as
            select 'shop' as source_system, 'b1' as batch_id, line_type, product_id,
                date_key, if(product_id = 'lamp', 'shop:2', 'shop:1') as store_id
            from int_known_line;
            create table int_sales_batch as
            select 'shop' as source_system, batch_id, known_through from (values
                ('b1', null), ('b2', date '2025-01-31')
            ) as rows (batch_id, known_through);
            create table dim_product as
            select distinct product_id, 'product' as member_type,
                true as is_merchandise, true as is_current,
                upper(product_id) as product_name
            from int_known_line;
            create table fct_stock_out as
            select 'lamp' as product_id, 'shop:2' as store_id,
                date '2024-12-30' as date_key, null::timestamp as out_to;
            create table fct_consent_span as
            select 'shop' as source_system, 'A' as customer_id, 'marketing'
                as purpose_code, true as is_granted, true as is_current
            where false
        """)
        yield connection


def lists_of(connection, method="cosine", k=3) -> list[tuple]:
    build(connection, *ITEMS)
    pairs = "select customer_number, item_number from int_customer_choice"
    of_now = "where cutoff_date = '2024-12-31' and not is_label"
    told = pd.concat(
        list_products(
            connection.execute(f"{pairs} {of_now} order by all").df(),
            [connection.execute(f"{pairs} {of_now} and has_consent order by all").df()],
            [
                number
                for (number,) in connection.execute(
                    "select item_number from int_item_choice"
                    " where is_current and held_back_because is null"
                ).fetchall()
            ],
            method,
            k,
        )
    ).assign(id_space="shop")
    connection.register("py_next_product", told)
    connection.execute(
        "create or replace table int_model_verdict as"
        " select 'next_product' as model, 'shop' as id_space, 'better' as verdict"
    )
    build(connection, "next_best_product")
    return connection.execute(
        "select customer_id, product_rank, product_id, product_reason, method, status"
        " from next_best_product order by customer_id, product_rank"
    ).fetchall()


def test_lists_by_hand_hold_nothing_owned_dear_out_of_stock_or_old(shop):
    rows = lists_of(shop)
    held = shop.execute(
        "select product_id, held_back_because from int_item_choice"
        " where is_current and held_back_because is not null order by product_id"
    ).fetchall()
    assert held == [("boat", "too little margin"), ("lamp", "out of stock")]
    assert ("C", 1, "cup", "bought by customers who bought TEA", "model", "ok") in rows
    # D has nails and a hammer: E, who has nails, has tea as well, and tea draws cups
    d_and_f = {row[0]: row for row in rows if row[1] == 1}
    assert d_and_f["D"][2:4] == ("tea", "bought by customers who bought NAIL")
    assert d_and_f["F"][2:4] == ("hammer", "bought by customers who bought NAIL")
    owned = {("A", "tea"), ("A", "cup"), ("C", "boat"), ("D", "hammer"), ("F", "nail")}
    assert not owned & {(row[0], row[2]) for row in rows}
    assert {row[2] for row in rows} <= {"tea", "cup", "nail", "hammer"}
    # of G nothing is known but what nobody else has: what is popular
    assert ("G", 1, "tea", "bought by 4 customers", "popularity", "ok") in rows
    # H came later
    assert "H" not in {row[0] for row in rows}


def test_who_has_all_or_may_not_be_addressed_has_a_row_that_says_so(shop):
    shop.execute("""
        insert into fct_consent_span
        select 'shop', unnest(['A', 'B', 'C', 'D', 'D']),
            unnest(['marketing', 'marketing', 'marketing', 'marketing', 'profiling']),
            unnest([true, true, false, true, false]), true
    """)
    shop.execute("""
        insert into int_known_line
        select 'shop', 'sale', 'B', unnest(['nail', 'hammer']), date '2024-12-05', 1.0,
            date '2024-12-05'
    """)
    rows = {(row[0], row[5]) for row in lists_of(shop)}
    assert rows == {
        ("A", "ok"), ("B", "nothing_left"), ("C", "no_consent"), ("D", "no_consent"),
        ("E", "no_consent"), ("F", "no_consent"), ("G", "no_consent"),
    }  # fmt: skip


def test_too_little_to_compare_is_said(shop):
    shop.execute("delete from int_known_line where customer_id <> 'A'")
    rows = lists_of(shop)
    assert [(row[0], row[1], row[5]) for row in rows] == [("A", 0, "insufficient_data")]


def test_another_future_changes_no_item_and_nothing_that_is_owned(shop):
    seen = (
        "select * from int_item_choice order by all",
        "select * exclude (customer_number, has_consent) from int_customer_choice"
        " where not is_label order by all",
    )

    def told():
        build(shop, *ITEMS)
        return [shop.execute(sql).fetchall() for sql in seen]

    before = told()
    assert all(before)
    shop.execute("delete from int_known_line where date_key > date '2024-12-31'")
    shop.execute("""
        insert into int_known_line
        select 'shop', 'sale', customer_id, 'nail', date '2024-06-01', 9.5,
            date '2025-02-01'
        from int_known_line
    """)
    shop.execute("delete from fct_sales_line where date_key > date '2024-12-31'")
    shop.execute(
        "insert into fct_sales_line"
        " select 'shop', 'b2', 'sale', 'lamp', date '2024-12-20', 'shop:1'"
    )
    assert told() == before


def test_a_system_that_delivers_all_its_rows_again_sold_them_when_it_did(shop):
    held = "select * from int_item_choice order by all"
    build(shop, *ITEMS)
    before = shop.execute(held).fetchall()
    shop.execute("""
        update fct_sales_line
        set batch_id = if(date_key > date '2024-12-31', 'b2', 'b3');
        alter table fct_sales_line add column loaded_at varchar;
        update fct_sales_line set loaded_at = batch_id
    """)
    again = {"shop": {"delivers_again": True}}
    build(shop, "int_sales_batch", *ITEMS, packs=again)
    assert shop.execute(held).fetchall() == before
    # else all that was sold came with a load after the cut-off
    build(shop, "int_sales_batch", *ITEMS)
    because = "select distinct held_back_because from int_item_choice"
    assert shop.execute(because).fetchall() == [("not sold for 91 days",)]


def test_labels_are_first_purchases_after_the_gap(shop):
    build(shop, *ITEMS)
    labels = shop.execute("""
        select customer_id, product_id from int_customer_choice
        inner join int_next_customer using (id_space, customer_number)
        inner join int_item_choice using (id_space, cutoff_date, item_number)
        where is_label order by all
    """).fetchall()
    # hammers, cups and boats were not sold before: nobody could have named them
    assert labels == [("E", "nail"), ("E", "tea"), ("F", "nail")]


def kinds(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers of two kinds, each with items of its own and a few popular ones."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(1, 241):
        own = 11 + 15 * (customer % 2) + rng.permutation(15)
        items = [*own[:7], *(1 + rng.choice(10, 2, replace=False))]
        rows += [(customer, item, n % 3 == 2) for n, item in enumerate(items)]
    table = pd.DataFrame(rows, columns=["customer_number", "item_number", "later"])
    pair = ["customer_number", "item_number"]
    return table.loc[~table["later"], pair], table.loc[table["later"], pair]


def test_a_taste_is_found_and_judged():
    before, after = kinds(1)
    rows = judge_products(before, after, "shop", CUTOFF, 5).set_index("metric")
    assert rows.loc["hit", "verdict"] == "better"
    assert rows.index[rows["is_primary"]].tolist() == ["hit"]
    thin = judge_products(before.head(20), after.head(20), "shop", CUTOFF, 5)
    assert set(thin["verdict"]) == {"insufficient_data"}
    with pytest.raises(InputError, match="no column 'item_number'"):
        judge_products(before[["customer_number"]], after, "shop", CUTOFF, 5)


def test_parts_of_customers_give_the_lists_of_all():
    before, _ = kinds(2)
    allowed = range(1, 30)
    numbers = before["customer_number"]
    parts = [before[numbers <= 100], before[numbers > 100]]
    told = pd.concat(list_products(before, parts, allowed, "ridge", 4))
    first, lists = told.iloc[0], told.iloc[1:].reset_index(drop=True)
    assert (first["customer_number"], first["status"]) == (0, "ok")
    named = before.set_axis(["customer_id", "item"], axis=1)
    whole = recommend.recommend(recommend.fit(named), named, 4, pd.Index(allowed))
    assert lists["item_number"].tolist() == whole["item"].tolist()
    assert lists["score"].tolist() == pytest.approx(whole["score"].tolist())
    assert (
        lists["because_number"].tolist()
        == whole["because"].fillna(0).astype(int).tolist()
    )


def test_visitors_of_a_type_are_shown_what_such_visitors_buy(shop):
    shop.execute("""
        create or replace table fct_sales_line as
        select 'shop' as source_system, 'b1' as batch_id, 'sale' as line_type, 1
            as channel_key, n as order_key, 'shop:' || n as order_id,
            case when n % 10 = 0 then 'nail' when n % 2 = 0 then 'tea' else 'cup' end
                as product_id,
            case when n < 400 then date '2024-08-01' else date '2024-10-01' end
                as date_key
        from range(800) as rows (n);
        create table fct_visit as
        select 'shop:' || n as order_id, 'phone' as device_class,
            if(n % 2 = 0, 'search', 'email') as entry_source
        from range(800) as rows (n);
        create table dim_channel as select 1 as channel_key, 'Web shop' as sub_channel;
        create table int_item_choice as
        select 'shop' as id_space, cutoff_date, is_current, item_number, product_id,
            null as held_back_because, 1.5 as margin_amount
        from int_mining_cutoff, (values (1, 'tea'), (2, 'cup'), (3, 'nail'))
            as items (item_number, product_id)
    """)
    settings = {"next_product_count": 1}
    build(shop, *VISITORS, **settings)
    past = shop.execute("""
        select visitor_type, item_number, orders, held, share
        from int_visitor_list where not is_current and type_rank = 1 order by all
    """).fetchall()
    # half of 400 orders are of each type; 160 of 200 hold tea, and of all 40 %
    assert past == [
        ("email, phone", 2, 200, 200, pytest.approx((200 + 100 * 0.5) / 300)),
        ("search, phone", 1, 200, 160, pytest.approx((160 + 100 * 0.4) / 300)),
    ]
    ((value, baseline, n, verdict),) = shop.execute(
        "select value, baseline_value, n, verdict from int_visitor_evaluation"
    ).fetchall()
    assert (value, baseline) == (pytest.approx(0.9), pytest.approx(0.5))
    assert (n, verdict) == (400, "better")
    for verdict, shown in (("better", ["cup", "tea"]), ("not_better", ["cup", "cup"])):
        shop.execute(
            "create or replace table int_model_verdict as select"
            f" 'next_product_visitor' as model, 'shop' as id_space, '{verdict}'"
            " as verdict"
        )
        build(shop, "next_best_product_visitor", **settings)
        rows = shop.execute(
            "select product_id, product_rank, product_reason"
            " from next_best_product_visitor order by visitor_type"
        ).fetchall()
        assert [row[0] for row in rows] == shown
        assert {row[1] for row in rows} == {1}
        words = "in 400 of 400 orders of such visitors"
        assert rows[0][2] == (
            words if verdict == "better" else "in 50.0 % of all orders"
        )
    shop.execute("update fct_visit set entry_source = 'search'")
    build(shop, *VISITORS, **settings)
    assert shop.execute(
        "select verdict, reason from int_visitor_evaluation"
    ).fetchall() == [("insufficient_data", "all visitors are of one type")]
