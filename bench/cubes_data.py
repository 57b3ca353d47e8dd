"""A retailer's star of a stated size, written by DuckDB for the measurements of cubes.

Two facts over conformed dimensions: sales lines and contacts, sorted by date as
the warehouse keeps them. Keys are hashed to 63 bits, a tenth of the customers has two
versions, few customers and products have many lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

FIRST_DAY = "2024-01-01"
DAYS = 731
# Some 15 s of a core each; a part at a time, so that the sort by date fits in memory.
PART = 10_000_000


@dataclass(frozen=True)
class Star:
    """How large the star is.

    Parameters
    ----------
    lines : int
        Sales lines, over 2024 and 2025.
    customers, products, stores : int
        Members.
    """

    lines: int
    customers: int = 500_000
    products: int = 5_000
    stores: int = 200

    @property
    def contacts(self) -> int:
        """Rows of the second fact."""
        return self.lines // 5


def key_of(kind: str, *parts: str) -> str:
    """Return SQL of a surrogate key: 63 bits of a hash."""
    return f"(hash('{kind}', {', '.join(parts)}) >> 1)::bigint"


def chance(salt: str, below: int) -> str:
    """Return SQL for a whole number from nought to below, drawn from ``i``."""
    return f"(hash(i, '{salt}') % {below})::bigint"


def skewed(salt: str, below: int) -> str:
    """Return SQL for a number from nought to below, of which small ones come often."""
    return f"floor({below} * pow((hash(i, '{salt}') % 1000000) / 1e6, 2))::bigint"


def write_star(path: Path, star: Star) -> None:
    """Write the star into a new file.

    Parameters
    ----------
    path : Path
        Must not exist.
    star : Star
        How much.
    """
    settings = {"storage_compatibility_version": "v1.5.0"}
    with duckdb.connect(str(path), config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for statement in (*_dimensions(star), *_empty_facts()):
            connection.execute(statement)
        for begin in range(0, star.lines, PART):
            end = min(begin + PART, star.lines)
            connection.execute(f"insert into fct_sales {_sales(star, begin, end)}")
        for begin in range(0, star.contacts, PART):
            end = min(begin + PART, star.contacts)
            connection.execute(f"insert into fct_contact {_contacts(star, begin, end)}")
        connection.execute("checkpoint")


def _dimensions(star: Star) -> list[str]:
    return [
        """
        create table dim_date as
        select
            day::date as date_key,
            year(day)::smallint as year,
            (year(day) * 10 + quarter(day))::integer as quarter_key,
            format('{}-Q{}', year(day), quarter(day)) as quarter,
            (year(day) * 100 + month(day))::integer as month_key,
            strftime(day, '%Y-%m') as month
        from range(date '2023-01-01', date '2027-01-01', interval 1 day) t(day)
        """,
        f"""
        create table dim_customer as
        with version as (
            select n as i, v
            from range({star.customers}) t(n), range(2) u(v)
            where v = 0 or n % 10 = 0
        )
        select
            {key_of("customer", "i", "v")} as customer_key,
            i as customer_id,
            format('Customer {{:07}}', i) as customer_name,
            format('Segment {{}}', {chance("segment", 6)} + 1) as segment,
            format('Region {{:02}}', ({chance("region", 12)} + 5 * v) % 12 + 1)
                as region,
            format('Country {{}}', ({chance("region", 12)} + 5 * v) % 12 // 4 + 1)
                as country,
            case when v = 0 then date '1900-01-01' else {_moved()} end as valid_from,
            case when v = 0 and i % 10 = 0 then {_moved()} else date '9999-12-31' end
                as valid_to,
            v = 1 or i % 10 <> 0 as is_current
        from version
        union all
        select -1, -1, 'Unknown', 'Unknown', 'Unknown', 'Unknown',
            date '1900-01-01', date '9999-12-31', true
        """,
        f"""
        create table dim_product as
        select
            {key_of("product", "i")} as product_key,
            i as product_id,
            format('Product {{:05}}', i) as product_name,
            format('Category {{:02}}', i % 60 + 1) as category,
            format('Department {{}}', i % 60 // 8 + 1) as department
        from range({star.products}) t(i)
        union all
        select -1, -1, 'Unknown', 'Unknown', 'Unknown'
        """,
        f"""
        create table dim_store as
        select
            {key_of("store", "i")} as store_key,
            i as store_id,
            format('Store {{:03}}', i) as store_name,
            format('Country {{}}', i % 3 + 1) as country,
            format('Format {{}}', i % 5 + 1) as format
        from range({star.stores}) t(i)
        """,
    ]


def _moved() -> str:
    """Return SQL of the day on which the second version of a customer begins."""
    return f"date '{FIRST_DAY}' + {chance('moved', DAYS)}::integer"


def _empty_facts() -> list[str]:
    return [
        """
        create table fct_sales (
            date_key date, customer_key bigint, customer_id bigint,
            product_key bigint, store_key bigint, order_id bigint, channel varchar,
            quantity integer, net_amount decimal(18, 2), cost_amount decimal(18, 2)
        )
        """,
        """
        create table fct_contact (
            date_key date, customer_key bigint, customer_id bigint, channel varchar,
            cost_amount decimal(18, 2)
        )
        """,
    ]


def _drawn(star: Star, rows: int, begin: int, end: int) -> str:
    """Return SQL of rows in the order of their days, each with its customer.

    One row in 50 is of nobody known.
    """
    return f"""
        select
            i, date '{FIRST_DAY}' + (i * {DAYS} // {rows})::integer as date_key,
            case when hash(i, 'anonymous') % 50 = 0 then -1
                else {skewed("customer", star.customers)} end as customer_id
        from range({begin}, {end}) t(i)
    """


def _customer_key() -> str:
    moved = _moved().replace("hash(i,", "hash(customer_id,")
    version = (
        f"case when customer_id % 10 = 0 and date_key >= {moved} then 1 else 0 end"
    )
    return (
        "case when customer_id = -1 then -1 else"
        f" {key_of('customer', 'customer_id', f'({version})::bigint')} end"
    )


def _sales(star: Star, begin: int, end: int) -> str:
    return f"""
        with drawn as ({_drawn(star, star.lines, begin, end)}),
        priced as (
            select *, (1 + hash(i, 'amount') % 20000)::decimal(18, 2) / 100 as amount
            from drawn
        )
        select
            date_key, {_customer_key()}, customer_id,
            {key_of("product", skewed("product", star.products))},
            {key_of("store", chance("store", star.stores))},
            i * 2 // 5,
            case when hash(i, 'channel') % 10 < 3 then 'web'
                when hash(i, 'channel') % 10 < 4 then 'phone' else 'store' end,
            (1 + hash(i, 'quantity') % 5)::integer,
            amount::decimal(18, 2),
            (amount * (40 + (hash(i, 'cost') % 50)::integer) / 100)::decimal(18, 2)
        from priced
        order by date_key
    """


def _contacts(star: Star, begin: int, end: int) -> str:
    return f"""
        with drawn as ({_drawn(star, star.contacts, begin, end)})
        select
            date_key, {_customer_key()}, customer_id,
            case when hash(i, 'contact') % 4 = 0 then 'phone' else 'e-mail' end,
            (1 + hash(i, 'cost') % 300)::decimal(18, 2) / 100
        from drawn
        order by date_key
    """
