"""Extracts of a retailer of a stated size, written by DuckDB for the measurements.

The same CRM and shop as those of ``acrm example``, under the same contracts: parties
with moves, products with price changes, stores, orders and their lines. No effects are
planted in it; what counts is that any number of lines is made in a minute, and that a
day of so many lines can be laid on top of companies of different ages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

LAST_DAY = date(2025, 12, 31)
DAYS = 730
LINES_PER_ORDER = 2.5
PART_LINES = 5_000_000


@dataclass(frozen=True)
class Size:
    """How large the company is.

    Parameters
    ----------
    lines : int
        Order lines of the initial extract, over two years.
    customers, products, stores : int
        Members described by it; a tenth of customers moved, a fifth of products
        changed price band.
    with_orders : bool
        Whether the heads of orders come as well, not their lines alone.
    """

    lines: int
    customers: int = 500_000
    products: int = 5_000
    stores: int = 200
    with_orders: bool = True

    @property
    def orders(self) -> int:
        """Orders of the initial extract."""
        return round(self.lines / LINES_PER_ORDER)


def chance(number: str, salt: str, below: int) -> str:
    """Return SQL for a whole number from nought to below, drawn from a number.

    Parameters
    ----------
    number : str
        SQL of the number that decides.
    salt : str
        What it is for, so that two draws differ.
    below : int
        The first number that is never drawn.
    """
    return f"(hash({number}, '{salt}') % {below})::bigint"


def write_initial(folder: Path, size: Size) -> None:
    """Write the initial extract into folders named after the two systems.

    Parameters
    ----------
    folder : Path
        Gets ``example_crm`` and ``example_shop``.
    size : Size
        How much.
    """
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        _write(connection, folder / "example_crm" / "parties.parquet", _parties(size))
        shop = folder / "example_shop"
        _write(connection, shop / "products.parquet", _products(size))
        _write(connection, shop / "stores.parquet", _stores(size))
        step = round(PART_LINES / LINES_PER_ORDER)
        for part, begin in enumerate(range(0, size.orders, step)):
            end = min(begin + step, size.orders)
            orders = _orders(size, begin, end, _spread_over_all_days(size))
            if size.with_orders:
                _write(connection, shop / f"orders-{part:04}.parquet", _heads(orders))
            _write(connection, shop / f"order_lines-{part:04}.parquet", _lines(orders))


def write_day(folder: Path, size: Size, number: int, lines: int) -> None:
    """Write the extract of one day after the initial extract.

    Parameters
    ----------
    folder : Path
        Gets ``example_crm`` and ``example_shop``.
    size : Size
        Of the company before.
    number : int
        Which day, from 1.
    lines : int
        Order lines of it. Orders are two fifths of that; as many customers as a
        hundredth of it are new, and as many moved.
    """
    day = LAST_DAY + timedelta(days=number)
    orders = round(lines / LINES_PER_ORDER * 1.01)
    begin = size.orders + (number - 1) * orders
    at = (
        f"timestamp '{day} 08:00:00' + to_seconds("
        f"((n - {begin}) * {13 * 3600} // {orders})::bigint)"
    )
    few = lines // 100
    with duckdb.connect() as connection:
        drawn = _orders(size, begin, begin + orders, at)
        shop = folder / "example_shop"
        if size.with_orders:
            _write(connection, shop / f"orders-{day}.parquet", _heads(drawn))
        _write(connection, shop / f"order_lines-{day}.parquet", _lines(drawn))
        first_new = size.customers + (number - 1) * few
        _write(
            connection,
            folder / "example_crm" / f"parties-{day}.parquet",
            f"""
            {_party("n", f"timestamp '{day} 09:00:00'", "0")}
            from range({first_new}, {first_new + few}) t(n)
            union all
            {
                _party(
                    chance("n", f"mover {day}", size.customers),
                    f"timestamp '{day} 09:00:00'",
                    f"{number + 1}",
                )
            }
            from range({few}) t(n)
            """,
            distinct_on="party_id",
        )


def write_corrections(folder: Path, size: Size, number: int, lines: int) -> None:
    """Write old lines again, drawn at random from all days, with another discount.

    Parameters
    ----------
    folder : Path
        Gets ``example_shop``.
    size : Size
        Of the company before.
    number : int
        Which delivery of corrections, from 1.
    lines : int
        How many lines.
    """
    wanted = round(lines / LINES_PER_ORDER * 1.1)
    order = chance("i", f"correction {number}", size.orders)
    drawn = f"(select distinct {order} as n from range({wanted}) t(i))"
    with duckdb.connect() as connection:
        _write(
            connection,
            folder / "example_shop" / f"order_lines-correction-{number:03}.parquet",
            f"""
            select * replace (
                round(gross_amount * 0.5::decimal(2, 1), 2)::decimal(12, 2)
                    as discount_amount,
                (gross_amount - round(gross_amount * 0.5::decimal(2, 1), 2))
                    ::decimal(12, 2) as net_amount
            )
            from ({_lines(_orders(size, 0, 0, _spread_over_all_days(size), drawn))})
            limit {lines}
            """,
        )


def _write(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    query: str,
    distinct_on: str = "",
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    chosen = f"select distinct on ({distinct_on}) * from ({query})"
    connection.execute(
        f"copy ({chosen if distinct_on else query}) to '{path}'"
        " (format parquet, compression zstd)"
    )


def _spread_over_all_days(size: Size) -> str:
    first = LAST_DAY - timedelta(days=DAYS - 1)
    seconds = DAYS * 86_400 - 3_600
    return (
        f"timestamp '{first} 00:30:00'"
        f" + to_seconds((n * {seconds}::hugeint // {size.orders})::bigint)"
    )


def _orders(size: Size, begin: int, end: int, at: str, drawn: str = "") -> str:
    """Return SQL of order heads; `at` may use the order's number ``n``."""
    customer = (
        f"floor({size.customers} * power({chance('n', 'who', 1_000_000)} / 1e6, 2))"
    )
    store = chance("n", "where", size.stores)
    return f"""
        select
            n,
            'O' || lpad(n::varchar, 10, '0') as order_id,
            {at} as ordered_at,
            {chance("n", "route", 100)} as route,
            case
                when {chance("n", "anonymous", 100)} >= 20 or route >= 60
                    then 'P' || lpad({customer}::bigint::varchar, 8, '0')
            end as party_id,
            case
                when route < 60
                    then 'S' || lpad({store}::varchar, 4, '0')
            end as store_id,
            case
                when route < 60 then 'store_till'
                when route < 85 then 'web_shop'
                when route < 97 then 'mobile_app'
                else 'call_inbound'
            end as channel_code
        from {drawn or f"range({begin}, {end}) t(n)"}
    """


def _heads(orders: str) -> str:
    return f"""
        select
            order_id,
            party_id,
            store_id,
            channel_code,
            null::varchar as employee_id,
            case {chance("n", "paid by", 3)}
                when 0 then 'card' when 1 then 'cash' else 'wallet'
            end as payment_method,
            false as is_gift,
            ordered_at,
            ordered_at as paid_at,
            null::timestamp as picked_at,
            null::timestamp as shipped_at,
            null::date as promised_on,
            null::timestamp as delivered_at,
            null::timestamp as cancelled_at,
            null::timestamp as returned_at,
            null::varchar as abnormal_reason_code,
            case when route < 60 then 0 else 4.95 end::decimal(10, 2)
                as shipping_cost_amount,
            0.35::decimal(10, 2) as payment_cost_amount,
            ordered_at as changed_at
        from ({orders})
    """


def _lines(orders: str) -> str:
    product = (
        f"floor(size_products * power({chance('line', 'what', 1_000_000)} / 1e6, 1.7))"
    )
    return f"""
        select
            order_id,
            line_number,
            ordered_at,
            party_id,
            store_id,
            channel_code,
            null::varchar as employee_id,
            'X' || lpad(product::varchar, 6, '0') as product_id,
            null::varchar as offer_id,
            case when sign < 0 then 'return' else 'sale' end as line_type,
            null::varchar as original_order_id,
            case when sign < 0 then 'SIZE' end as return_reason_code,
            (pieces * sign)::decimal(12, 3) as quantity,
            unit_price,
            (pieces * sign * unit_price)::decimal(12, 2) as gross_amount,
            0::decimal(12, 2) as discount_amount,
            (pieces * sign * unit_price)::decimal(12, 2) as net_amount,
            round(pieces * sign * unit_price * 0.19::decimal(3, 2), 2)::decimal(12, 2)
                as tax_amount,
            round(pieces * sign * unit_price * 0.45::decimal(3, 2), 2)::decimal(12, 2)
                as cost_amount
        from (
            select
                *,
                n * 8 + line_number as line,
                {product.replace("size_products", "5000")}::bigint as product,
                case when {chance("line", "returned", 100)} < 4 then -1 else 1 end
                    as sign,
                1 + {chance("line", "pieces", 8)} // 6 as pieces,
                ({chance("product", "price", 180)} + 5.95)::decimal(12, 2) as unit_price
            from (
                select
                    *,
                    unnest(range(1, 2 + {chance("n", "lines", 4)})) as line_number
                from ({orders})
            )
        )
    """


def _party(number: str, changed_at: str, move: str) -> str:
    region = f"({number} + {move} * 7) % 12"
    return f"""
        select
            'P' || lpad(({number})::varchar, 8, '0') as party_id,
            'person' as party_type,
            null::varchar as first_name,
            null::varchar as last_name,
            null::varchar as company_name,
            null::varchar as email,
            null::varchar as phone,
            null::varchar as street,
            null::varchar as postcode,
            'City ' || ({region}) as city,
            'Region ' || ({region}) as region,
            case when {region} < 8 then 'Portugal' else 'Spain' end as country,
            case when {region} < 8 then 'pt' else 'es' end as language,
            date '1950-01-01' + {chance(number, "born", 20_000)}::integer as birth_date,
            null::varchar as gender,
            'middle' as income_band,
            case {chance(number, "tier", 4)}
                when 0 then 'gold' when 1 then 'silver' when 2 then 'bronze' else 'none'
            end as loyalty_tier,
            null::varchar as loyalty_card_id,
            null::varchar as household_id,
            false as is_test,
            false as is_employee,
            {changed_at} as registered_at,
            {changed_at} as changed_at
    """


def _parties(size: Size) -> str:
    registered = (
        f"timestamp '2022-01-01' + to_seconds({chance('n', 'since', 94_000_000)})"
    )
    moved = f"timestamp '2024-06-01' + to_seconds({chance('n', 'moved', 40_000_000)})"
    return f"""
        {_party("n", registered, "0")}
        from range({size.customers}) t(n)
        union all
        {_party("n", moved, "1")}
        from range(0, {size.customers}, 10) t(n)
    """


def _products(size: Size) -> str:
    return f"""
        select
            'X' || lpad(n::varchar, 6, '0') as product_id,
            'Product ' || n as product_name,
            'Subclass ' || n % 300 as subclass,
            'Class ' || n % 60 as class,
            'Department ' || n % 12 as department,
            'Brand ' || n % 150 as brand,
            'Manufacturer ' || n % 30 as manufacturer,
            case when n % 3 = 0 then 'own' else 'national' end as brand_type,
            case (n + version) % 3 when 0 then 'low' when 1 then 'mid' else 'high' end
                as price_band,
            ({chance("n", "price", 180)} + 5.95)::decimal(10, 2) as list_price,
            (({chance("n", "price", 180)} + 5.95) * 0.45)::decimal(10, 4)
                as standard_cost,
            'regular' as lifecycle,
            'G' || n % 100 as substitute_group,
            date '2022-01-01' as launched_on,
            timestamp '2022-01-01 06:00:00' + to_days(version * (700 + n % 500))
                as changed_at
        from (
            select n::integer as n, 0 as version from range({size.products}) t(n)
            union all
            select n::integer as n, 1 as version from range(0, {size.products}, 5) t(n)
        )
    """


def _stores(size: Size) -> str:
    return f"""
        select
            'S' || lpad(n::varchar, 4, '0') as store_id,
            'Store ' || n as store_name,
            'standard' as format,
            'M' as size_band,
            'City ' || n % 40 as city,
            'District ' || n % 20 as district,
            'Region ' || n % 12 as region,
            case when n % 12 < 8 then 'Portugal' else 'Spain' end as country,
            date '2018-01-01' as opened_on,
            null::date as closed_on,
            timestamp '2018-01-01 06:00:00' as changed_at
        from range({size.stores}) t(n)
    """
