"""Twelve questions to the cubes, each with the SQL that an engineer would write.

Where it is not plain which form is the fastest, there are several: the floor is the
fastest of them in the same run. All of them give the same cells in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """A question, for the engine and by hand.

    Parameters
    ----------
    name : str
        What is asked.
    asked : mapping
        Arguments of ``Cube.question``.
    by_hand : mapping of str to str
        SQL by what is particular to it.
    cube : str
        Which cube.
    """

    name: str
    asked: Mapping[str, Any]
    by_hand: Mapping[str, str]
    cube: str = field(default="sales")


# Members of versioned dimensions by small codes: groups by a byte, not by a text.
REGIONS = """
    region_code as (
        select region, row_number() over (order by region)::utinyint as code
        from (select distinct region from dim_customer)
    ),
    customer as (
        select customer_key, code
        from dim_customer inner join region_code using (region)
    )
"""
CATEGORIES = """
    category_code as (
        select category, row_number() over (order by category)::utinyint as code
        from (select distinct category from dim_product)
    ),
    product as (
        select product_key, code
        from dim_product inner join category_code using (category)
    )
"""

QUESTIONS = [
    Question(
        "grand total",
        {"measures": ["net", "lines"]},
        {"one pass": "select sum(net_amount), count(*) from fct_sales"},
    ),
    Question(
        "one level",
        {"measures": "net", "rows": "product.department"},
        {
            "join": """
                select department, sum(net_amount)
                from fct_sales inner join dim_product using (product_key)
                group by department order by department
            """,
            "by key first": """
                with by_key as (
                    select product_key, sum(net_amount) as net
                    from fct_sales group by product_key
                )
                select department, sum(net)
                from by_key inner join dim_product using (product_key)
                group by department order by department
            """,
        },
    ),
    Question(
        "two dimensions",
        {"measures": ["net", "quantity"], "rows": ["customer.region", "date.quarter"]},
        {
            "join": """
                select region, quarter, sum(net_amount), sum(quantity)
                from fct_sales
                inner join dim_customer using (customer_key)
                inner join dim_date using (date_key)
                group by region, quarter order by region, quarter
            """,
            "by day first": """
                with by_day as (
                    select region, date_key, sum(net_amount) as net,
                        sum(quantity) as quantity
                    from fct_sales inner join dim_customer using (customer_key)
                    group by region, date_key
                )
                select region, quarter, sum(net), sum(quantity)
                from by_day inner join dim_date using (date_key)
                group by region, quarter order by region, quarter
            """,
            "codes": f"""
                with {REGIONS},
                by_code as (
                    select code, quarter_key, sum(net_amount) as net,
                        sum(quantity) as quantity
                    from fct_sales
                    inner join customer using (customer_key)
                    inner join dim_date using (date_key)
                    group by code, quarter_key
                )
                select region, quarter, net, quantity
                from by_code
                inner join region_code using (code)
                inner join (select distinct quarter_key, quarter from dim_date)
                    using (quarter_key)
                order by region, quarter
            """,
        },
    ),
    Question(
        "drill of a category in a year",
        {
            "measures": "net",
            "rows": "product.product",
            "where": {"product.category": "Category 07", "date.year": 2025},
        },
        {
            "join": """
                select product_name, sum(net_amount)
                from fct_sales inner join dim_product using (product_key)
                where category = 'Category 07'
                    and date_key between date '2025-01-01' and date '2025-12-31'
                group by product_name order by product_name
            """,
            "by key first": """
                with by_key as (
                    select product_key, sum(net_amount) as net
                    from fct_sales
                    where product_key in (
                            select product_key from dim_product
                            where category = 'Category 07'
                        )
                        and date_key between date '2025-01-01' and date '2025-12-31'
                    group by product_key
                )
                select product_name, net
                from by_key inner join dim_product using (product_key)
                order by product_name
            """,
        },
    ),
    Question(
        "dice of three",
        {
            "measures": ["net", "quantity"],
            "rows": "store.country",
            "where": {
                "channel": "web",
                "customer.region": ["Region 03", "Region 04"],
                "date": ("2025-03", "2025-06"),
            },
        },
        {
            "join": """
                select dim_store.country, sum(net_amount), sum(quantity)
                from fct_sales
                inner join dim_store using (store_key)
                inner join dim_customer using (customer_key)
                where channel = 'web' and region in ('Region 03', 'Region 04')
                    and date_key between date '2025-03-01' and date '2025-06-30'
                group by dim_store.country order by dim_store.country
            """,
            "semi-join, by key first": """
                with by_key as (
                    select store_key, sum(net_amount) as net,
                        sum(quantity) as quantity
                    from fct_sales
                    where channel = 'web'
                        and date_key between date '2025-03-01' and date '2025-06-30'
                        and customer_key in (
                            select customer_key from dim_customer
                            where region in ('Region 03', 'Region 04')
                        )
                    group by store_key
                )
                select country, sum(net), sum(quantity)
                from by_key inner join dim_store using (store_key)
                group by country order by country
            """,
        },
    ),
    Question(
        "top 10 products a region",
        {
            "measures": "net",
            "rows": ["customer.region", "product.product"],
            "top": (10, "net"),
        },
        {
            "join": """
                with cell as (
                    select region, product_id, product_name, sum(net_amount) as net
                    from fct_sales
                    inner join dim_customer using (customer_key)
                    inner join dim_product using (product_key)
                    group by region, product_id, product_name
                )
                select region, product_name, net from cell
                qualify row_number() over (
                    partition by region order by net desc, product_name
                ) <= 10
                order by region, net desc, product_name
            """,
            "keys first": """
                with cell as (
                    select region, product_key, sum(net_amount) as net
                    from fct_sales inner join dim_customer using (customer_key)
                    group by region, product_key
                ),
                best as (
                    select * from cell
                    qualify row_number() over (
                        partition by region order by net desc
                    ) <= 10
                )
                select region, product_name, net
                from best inner join dim_product using (product_key)
                order by region, net desc, product_name
            """,
            "codes": f"""
                with {REGIONS},
                number as (
                    select product_key, product_name,
                        row_number() over ()::usmallint as n
                    from dim_product
                ),
                cell as (
                    select code, n, sum(net_amount) as net
                    from fct_sales
                    inner join customer using (customer_key)
                    inner join number using (product_key)
                    group by code, n
                ),
                best as (
                    select * from cell
                    qualify row_number() over (
                        partition by code order by net desc
                    ) <= 10
                )
                select region, product_name, net
                from best
                inner join number using (n)
                inner join region_code using (code)
                order by region, net desc, product_name
            """,
        },
    ),
    Question(
        "distinct customers by month",
        {"measures": "customers", "rows": "date.month"},
        {
            "count distinct": """
                select month, count(distinct customer_id)
                from fct_sales inner join dim_date using (date_key)
                group by month order by month
            """,
            "pairs first": """
                with pair as (
                    select distinct month_key, customer_id
                    from fct_sales inner join dim_date using (date_key)
                ),
                counted as (
                    select month_key, count(customer_id) as customers
                    from pair group by month_key
                )
                select month, customers
                from counted
                inner join (select distinct month_key, month from dim_date)
                    using (month_key)
                order by month
            """,
            "month of the date": """
                with pair as (
                    select distinct year(date_key) * 12 + month(date_key) as m,
                        customer_id
                    from fct_sales
                )
                select
                    format('{}-{:02}', (m - 1) // 12, (m - 1) % 12 + 1) as month,
                    count(customer_id)
                from pair group by m order by m
            """,
        },
    ),
    Question(
        "margin by category",
        {"measures": ["margin", "margin_pct"], "rows": "product.category"},
        {
            "join": """
                select category, sum(net_amount - cost_amount),
                    sum(net_amount - cost_amount)::double
                        / nullif(sum(net_amount), 0)::double
                from fct_sales inner join dim_product using (product_key)
                group by category order by category
            """,
            "by key first": """
                with by_key as (
                    select product_key, sum(net_amount) as net,
                        sum(cost_amount) as cost
                    from fct_sales group by product_key
                )
                select category, sum(net) - sum(cost),
                    (sum(net) - sum(cost))::double / nullif(sum(net), 0)::double
                from by_key inner join dim_product using (product_key)
                group by category order by category
            """,
        },
    ),
    Question(
        "months against the past",
        {
            "measures": [
                "net",
                "net.prior_year",
                "net.year_to_date",
                "net.moving_avg_3",
            ],
            "rows": "date.month",
        },
        {
            "by day first": """
                with by_day as (
                    select date_key, sum(net_amount) as net
                    from fct_sales group by date_key
                ),
                by_month as (
                    select year, month, sum(net) as net
                    from by_day inner join dim_date using (date_key)
                    group by year, month
                )
                select month, net, lag(net, 12) over (order by month),
                    sum(net) over (partition by year order by month),
                    case when count(*) over three = 3
                        then sum(net) over three::double / 3 end
                from by_month
                window three as (
                    order by month rows between 2 preceding and current row
                )
                order by month
            """,
            "join": """
                with by_month as (
                    select year, month, sum(net_amount) as net
                    from fct_sales inner join dim_date using (date_key)
                    group by year, month
                )
                select month, net, lag(net, 12) over (order by month),
                    sum(net) over (partition by year order by month),
                    case when count(*) over three = 3
                        then sum(net) over three::double / 3 end
                from by_month
                window three as (
                    order by month rows between 2 preceding and current row
                )
                order by month
            """,
        },
    ),
    Question(
        "drill across two facts",
        {
            "measures": ["net", "contacts"],
            "rows": ["customer.region", "date.month"],
        },
        {
            "join": """
                with sold as (
                    select region, month, sum(net_amount) as net
                    from fct_sales
                    inner join dim_customer using (customer_key)
                    inner join dim_date using (date_key)
                    group by region, month
                ),
                contacted as (
                    select region, month, count(*) as contacts
                    from fct_contact
                    inner join dim_customer using (customer_key)
                    inner join dim_date using (date_key)
                    group by region, month
                )
                select region, month, net, contacts
                from sold full join contacted using (region, month)
                order by region, month
            """,
            "codes": f"""
                with {REGIONS},
                sold as (
                    select code, month_key, sum(net_amount) as net
                    from fct_sales
                    inner join customer using (customer_key)
                    inner join dim_date using (date_key)
                    group by code, month_key
                ),
                contacted as (
                    select code, month_key, count(*) as contacts
                    from fct_contact
                    inner join customer using (customer_key)
                    inner join dim_date using (date_key)
                    group by code, month_key
                )
                select region, month, net, contacts
                from sold full join contacted using (code, month_key)
                inner join region_code using (code)
                inner join (select distinct month_key, month from dim_date)
                    using (month_key)
                order by region, month
            """,
        },
        cube="sales_and_contact",
    ),
    Question(
        "three dimensions crossed",
        {
            "measures": "net",
            "rows": ["product.category", "customer.region", "date.month"],
        },
        {
            "join": """
                select category, region, month, sum(net_amount)
                from fct_sales
                inner join dim_customer using (customer_key)
                inner join dim_product using (product_key)
                inner join dim_date using (date_key)
                group by category, region, month order by category, region, month
            """,
            "codes": f"""
                with {REGIONS}, {CATEGORIES},
                cell as (
                    select product.code as p, customer.code as c, month_key,
                        sum(net_amount) as net
                    from fct_sales
                    inner join customer using (customer_key)
                    inner join product using (product_key)
                    inner join dim_date using (date_key)
                    group by all
                )
                select category, region, month, net
                from cell
                inner join category_code on category_code.code = p
                inner join region_code on region_code.code = c
                inner join (select distinct month_key, month from dim_date)
                    using (month_key)
                order by category, region, month
            """,
        },
    ),
    Question(
        "5,000 rows",
        {"measures": ["net", "quantity", "margin_pct"], "rows": "product.product"},
        {
            "by key first": """
                with by_key as (
                    select product_key, sum(net_amount) as net,
                        sum(quantity) as quantity,
                        sum(net_amount - cost_amount) as margin
                    from fct_sales group by product_key
                )
                select product_name, net, quantity,
                    margin::double / nullif(net, 0)::double
                from by_key inner join dim_product using (product_key)
                order by product_name
            """,
            "join": """
                select product_name, sum(net_amount), sum(quantity),
                    sum(net_amount - cost_amount)::double
                        / nullif(sum(net_amount), 0)::double
                from fct_sales inner join dim_product using (product_key)
                group by product_id, product_name order by product_name
            """,
        },
    ),
]
