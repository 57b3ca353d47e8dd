"""Random stars, small and awkward, and random queries of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from acrm_olap.query import Cut, Query, Top

FIRST, LAST = date(2023, 1, 1), date(2025, 1, 1)
REGIONS = ["North", "South", "", "o'Hara; drop", None]
CHANNELS = ["web", "store", "50%_off", None]

DIMENSIONS = """
dimension: date
table: dim_date
key: date_key
calendar: {date: date_key}
special: yr is null
levels:
  year: {key: yr, period: year}
  quarter: {key: [yr, qtr], period: quarter}
  month: {key: month_key, label: month_name, period: month}
  week_year: {key: iso_year, period: year}
  week: {key: [iso_year, iso_week], period: week}
  day: {key: date_key, period: day}
hierarchies:
  calendar: [year, quarter, month, day]
  weeks: [week_year, week, day]
---
dimension: customer
table: dim_customer
key: customer_key
joins:
  - {table: dim_city, on: {city_id: city_id}}
  - {table: dim_country, on: {dim_city.country_id: country_id}}
history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
levels:
  country: {key: dim_country.country_id, label: dim_country.country}
  city: {key: dim_city.city_id, label: dim_city.city, order: dim_city.size}
  region: region
  customer: {key: customer_id, label: name}
hierarchies:
  geography: [country, city, customer]
  sales: [region, customer]
---
dimension: product
table: dim_product
key: product_key
levels:
  department: department
  class: {key: [department, class_no], label: class_name, hide_if: blank}
  product: {key: product_key, label: product_name}
hierarchies:
  standard: [department, class, product]
---
dimension: employee
table: dim_employee
key: employee_id
levels:
  employee: {key: employee_id, label: full_name}
hierarchies:
  reports: {level: employee, parent: boss}
---
dimension: segment
table: dim_segment
key: segment_row
history: {durable_key: customer_id, valid_from: valid_from, valid_to: valid_to}
levels:
  segment: segment
"""

SALES = """
cube: sales
fact: fct_sales
key: sale_id
time: date
where: "not cancelled"
joins:
  - {table: stores, on: {store_id: store_id}}
dimensions:
  date: DATE_USE
  ship_date: {dimension: date, key: ship_date_key}
  customer: {key: customer_key}
  product: PRODUCT_USE
  employee: {key: employee_id}
  segment: {span: {key: customer_id, date: date_key}}
  channel: {levels: {channel: channel, kind: stores.kind}}
measures:
  net: {sum: amount}
  pieces: {sum: quantity}
  weight: {sum: weight}
  gross: {sum: "amount * quantity"}
  reduced: {sum: "listed - (amount_off - extra)"}
  web_reduced: {sum: listed - amount_off, filter: "channel = 'web'"}
  lines: {count: "*"}
  priced: {count: amount}
  least: {min: amount}
  most: {max: amount}
  mean: {avg: amount}
  buyers: {count_distinct: customer_key}
  middle: {median: amount}
  high: {quantile: amount, at: 0.8}
  opening_price: {first: amount, by: sold_at}
  closing_price: {last: amount, by: sold_at}
  web_net: {sum: amount, filter: "channel = 'web'"}
  mall_lines: {count: "*", filter: "stores.kind = 'mall' or quantity > 3"}
  per_line: {expression: net / lines}
  odd: {expression: "if(net > 20, net - web_net, coalesce(per_line, 0))"}
  per_buyer: {expression: per_line / buyers}
sets:
  favourites: {level: channel.channel, members: [web, 50%_off]}
"""

STOCK = """
cube: stock
fact: fct_stock
time: date
dimensions:
  date: {key: date_key}
  product: {key: product_key}
measures:
  on_hand: {sum: pieces, over: {date: closing}}
  opening: {sum: pieces, over: {date: opening}}
  average: {sum: pieces, over: {date: average}}
  kinds: {count_distinct: product_key, over: {date: closing}}
  places: {count: "*", over: {date: closing}}
  typical: {median: pieces, over: {date: closing}}
  counted: {count: "*"}
"""

TARGET = """
cube: target
fact: fct_target
time: date
dimensions:
  date: {at: {year: yr, month: month_key}}
  product: {at: {department: department}}
measures:
  goal: {sum: goal}
  goals: {count: "*"}
"""

BOTH = """
virtual_cube: both
cubes: [sales, stock]
measures:
  turn: {expression: net / on_hand}
  gap: {expression: net - sales.pieces}
"""

AGAINST = """
virtual_cube: against
cubes: [sales, target]
measures:
  reached: {expression: net / goal}
"""


def documents(rng):
    """Return definition files, with promises only where the data keep them."""
    complete = rng.random() < 0.4
    sales = SALES.replace(
        "DATE_USE", "{key: date_key, complete: true}" if complete else "{key: date_key}"
    ).replace(
        "PRODUCT_USE",
        "{key: product_key, complete: true}" if complete else "{key: product_key}",
    )
    return complete, [*DIMENSIONS.split("---"), sales, STOCK, TARGET, BOTH, AGAINST]


TABLES = """
create table dim_date as
select d::date as date_key, year(d) as yr, quarter(d) as qtr,
    strftime(d, '%Y-%m') as month_key, strftime(d, '%b %Y') as month_name,
    isoyear(d) as iso_year, weekofyear(d) as iso_week
from range(date '2023-01-01', date '2025-01-01', interval 1 day) as days(d)
union all select date '1900-01-01', null, null, null, 'unknown', null, null;
create table dim_city (city_id int, city text, size int, country_id int);
create table dim_country (country_id int, country text);
create table dim_customer (customer_key int, customer_id text, name text,
    region text, city_id int, valid_from date, valid_to date);
create table dim_product (product_key int, product_name text, department text,
    class_no int, class_name text);
create table dim_employee (employee_id int, boss int, full_name text);
create table dim_segment (segment_row int, customer_id text, segment text,
    valid_from date, valid_to date);
create table stores (store_id int, kind text);
create table fct_sales (sale_id int, date_key date, ship_date_key date,
    customer_key int, customer_id text, product_key int, employee_id int,
    channel text, store_id int, sold_at timestamp, amount decimal(12,2),
    quantity int, weight double, cancelled boolean, listed decimal(12,2),
    amount_off decimal(12,2), extra decimal(12,2));
create table fct_stock (date_key date, product_key int, pieces int);
create table fct_target (yr bigint, month_key text, department text,
    goal decimal(12,2));
"""


def fill(connection, rng, complete):
    """Make the tables of a star, with nulls and keys that no member has."""

    def put(table, rows):
        if rows:
            places = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into {table} values ({places})", rows)

    connection.execute(TABLES)
    put("dim_country", [(1, "Ham"), (2, None)])
    put(
        "dim_city",
        [(1, "Ely", 3, 1), (2, "Bath", 3, 2), (3, "Ayr", 1, 9), (4, "Ely", 2, None)],
    )
    put("stores", [(1, "mall"), (2, "street")])
    put("dim_customer", customers(rng))
    put("dim_product", [
        (n, rng.choice(["shirt", "tie", "cap", None]), *rng.choice([
            ("wear", 1, "tops"), ("wear", 2, ""), ("home", 1, "tops"),
            ("home", 3, None), (None, 1, "odd")]))
        for n in range(1, rng.randint(2, 7))
    ])  # fmt: skip
    put("dim_employee", [
        (n, rng.choice([None, 99, *range(1, n)]) if n > 1 else None, f"e{n % 4}")
        for n in range(1, rng.randint(2, 8))
    ])  # fmt: skip
    put("dim_segment", segments(rng))
    put("fct_sales", sales(rng, complete))
    put("fct_stock", stock(rng))
    put("fct_target", [
        (2023 + (m > 12), f"{2023 + (m > 12)}-{(m - 1) % 12 + 1:02}",
         rng.choice(["wear", "home", "new", None]),
         rng.choice([None, Decimal("10.50")]))
        for m in rng.sample(range(1, 25), rng.randint(0, 9))
    ])  # fmt: skip


def customers(rng):
    rows, key = [], 0
    for number in range(rng.randint(1, 5)):
        cuts = sorted(rng.sample(range(40, 700), rng.randint(0, 2)))
        days = [
            date(1900, 1, 1) if rng.random() < 0.8 else FIRST,
            *(FIRST + timedelta(n) for n in cuts),
            date(9999, 12, 31),
        ]
        for begin, end in pairwise(days):
            key += 1
            rows.append(
                (key, f"c{number}", rng.choice(["Ann", "Bob", None]),
                 rng.choice(REGIONS), rng.choice([1, 2, 3, 4, 7, None]), begin, end)
            )  # fmt: skip
    return rows


def segments(rng):
    rows = []
    for number in range(4):
        start = FIRST + timedelta(rng.randint(0, 300))
        middle = start + timedelta(rng.randint(1, 200))
        rows.append(
            (2 * number, f"c{number}", rng.choice(["gold", "new"]), start, middle)
        )
        if rng.random() < 0.7:
            later = middle + timedelta(rng.choice([0, 30]))
            rows.append(
                (2 * number + 1, f"c{number}", "lapsed", later, date(9999, 12, 31))
            )
    return rows


def sales(rng, complete):
    products = 2
    span = rng.choice([60, 500, 730])
    rows = []
    # Sums of differences are differences of sums where no row lacks a number.
    prices = [Decimal("0.10"), Decimal("12.00"), Decimal("-3.33")]
    lacks = rng.choice([[], [None]])
    for number in range(rng.choice([0, 1, 4, 30, 60])):
        day = FIRST + timedelta(rng.randrange(span))
        if rng.random() < 0.06:
            day = date(1900, 1, 1) if complete else rng.choice(
                [None, date(1900, 1, 1), date(2031, 5, 5)])  # fmt: skip
        ship = rng.choice([None, FIRST + timedelta(rng.randrange(730))])
        product = rng.randint(1, products - 1) if complete else rng.choice(
            [1, 1, 2, 3, 5, 77, None])  # fmt: skip
        rows.append(
            (number, day, ship, rng.choice([1, 2, 3, 4, 5, 88, None]),
             rng.choice(["c0", "c1", "c2", "c9", None]), product,
             rng.choice([1, 2, 3, 4, 5, 66, None]), rng.choice(CHANNELS),
             rng.choice([1, 2, 3, None]),
             rng.choice([None, "2024-01-01 10:00", "2024-02-02 09:00", "2024-03-03"]),
             rng.choice([None, Decimal("0.00"), Decimal("-5.25"), Decimal("10.10"),
                         Decimal("33.33"), Decimal(number)]),
             rng.choice([None, 0, 1, 2, 7]), rng.choice([None, 0.1, 0.2, -1.5]),
             rng.random() < 0.05, rng.choice(prices), rng.choice(prices),
             rng.choice(prices + lacks))
        )  # fmt: skip
    return rows


def stock(rng):
    rows = []
    days = sorted(rng.sample(range(730), rng.choice([0, 1, 6, 20])))
    for day in days:
        for product in (1, 2, 3):
            if rng.random() < 0.8:
                rows.append(
                    (FIRST + timedelta(day), product, rng.choice([None, 0, 3, 8]))
                )
    if rows and rng.random() < 0.3:
        rows.append((None, 1, 5))
    return rows


LEVELS = [
    "date.year", "date.quarter", "date.month", "date.day", "date.week",
    "ship_date.year", "ship_date.month", "customer.country", "customer.city",
    "customer.region", "customer.customer", "product.department", "product.class",
    "product.product", "employee.employee", "employee.reports", "segment.segment",
    "channel.channel", "channel.kind",
]  # fmt: skip
SHARED = [
    "date.year", "date.quarter", "date.month", "date.day", "product.department",
    "product.class", "product.product",
]  # fmt: skip
TARGETS = ["date.year", "date.month", "product.department"]
MEASURES = [
    "net", "pieces", "weight", "gross", "reduced", "web_reduced", "lines", "priced",
    "least", "most", "mean",
    "buyers", "middle", "high", "opening_price", "closing_price", "web_net",
    "mall_lines", "per_line", "odd", "per_buyer",
]  # fmt: skip
STOCKED = ["on_hand", "opening", "average", "kinds", "places", "typical", "counted"]
TIMED = [
    "prior", "prior_2", "prior_year", "prior_year_comparable", "year_to_date",
    "moving_3", "moving_avg_2", "growth", "change_year", "growth_comparable",
    "month_to_date", "quarter_to_date",
    "year_to_date.prior_year", "prior.year_to_date", "moving_2.rank",
]  # fmt: skip
AXIS = ["share_of_parent", "share_of_total", "rank", "running_total"]


def query(rng):
    """Return a random query of one of the cubes."""
    cube = rng.choices(["sales", "stock", "both", "target", "against"],
                       [10, 2, 2, 1, 1])[0]  # fmt: skip
    levels = {"sales": LEVELS, "stock": SHARED, "both": SHARED}.get(cube, TARGETS)
    measures = {
        "sales": MEASURES, "stock": STOCKED, "target": ["goal", "goals"],
        "both": ["net", "lines", "turn", "gap", "stock.on_hand", "average", "buyers"],
        "against": ["net", "goal", "reached", "lines", "goals"],
    }[cube]  # fmt: skip
    chosen = rng.sample(measures, rng.randint(1, min(3, len(measures))))
    timed = cube in {"sales", "stock", "both"} and rng.random() < 0.4
    axes = rng.sample(levels, rng.randint(0, 3))
    if timed and rng.random() < 0.8 and not any(a.startswith("date.") for a in axes):
        axes = [*axes[:2], rng.choice(["date.year", "date.quarter", "date.month"])]
    rng.shuffle(axes)
    rows = axes[: rng.choice([len(axes), len(axes), rng.randint(0, len(axes))])]
    if timed:
        chosen.append(f"{rng.choice(chosen)}.{rng.choice(TIMED)}")
    if rng.random() < 0.25:
        chosen.append(f"{rng.choice(chosen)}.{rng.choice(AXIS)}")
    calculated = ()
    if rng.random() < 0.15:
        calculated = (("mine", f"{measures[0]} * 2 - coalesce({measures[-1]}, 1)"),)
        chosen.append("mine")
    chosen = list(dict.fromkeys(chosen))
    top = None
    if rows and rng.random() < 0.15:
        top = Top(rng.randint(1, 3), rng.choice(chosen), rng.random() < 0.3)
    order = ()
    if rng.random() < 0.2:
        order = (rng.choice(["", "-"]) + rng.choice([*axes, *chosen]),)
    return Query(
        cube, tuple(chosen), tuple(rows), tuple(a for a in axes if a not in rows),
        cuts=tuple(cut(rng, levels) for _ in range(rng.choice([0, 0, 1, 1, 2]))),
        as_of=rng.choice(["was", "was", "was", "is", "2023-09-30"]),
        subtotals=rng.random() < 0.4,
        calculated=calculated,
        having=rng.choice(["", "", "", "", f"{chosen[0]} > 3",
                           f"{measures[0]} is null or {measures[0]} <= 5"]),
        top=top,
        order=order,
        limit=rng.choice([None, None, None, 4]),
        offset=rng.choice([0, 0, 0, 2]),
        empty=rng.choice(["skip"] * 7 + ["show"]),
        open_periods=rng.choice(["hide", "hide", "whole", "same_days"]),
        missing="empty",
    )  # fmt: skip


MEMBERS = {
    "date.year": [2023, 2024, 1999, None],
    "date.quarter": [(2023, 1), (2024, 2), (2024, 4), (2023, 4)],
    "date.month": ["2023-02", "2023-06", "2024-02", "2024-11", None],
    "date.day": [date(2023, 2, 3), date(2024, 2, 29), date(2023, 12, 31)],
    "date.week": [(2023, 1), (2023, 20), (2024, 52)],
    "ship_date.year": [2023, 2024, None],
    "ship_date.month": ["2023-03", "2024-05", None],
    "customer.country": [1, 2, 9, None],
    "customer.city": [1, 2, 3, 4, None],
    "customer.region": REGIONS,
    "customer.customer": ["c0", "c1", "c3", None],
    "product.department": ["wear", "home", None],
    "product.class": [("wear", 1), ("home", 3), ("home", 1)],
    "product.product": [1, 2, 77, None],
    "employee.employee": [1, 2, 3, 66, None],
    "employee.reports": [1, 2, 3, None],
    "segment.segment": ["gold", "lapsed", None],
    "channel.channel": [*CHANNELS, "@favourites"],
    "channel.kind": ["mall", None],
}


def cut(rng, levels):
    """Return a random cut by one of the levels, or by days."""
    if rng.random() < 0.25:
        return days(rng, levels is TARGETS)
    level = rng.choice(levels)
    members = MEMBERS[level]
    operator = rng.choice(["in", "in", "in", "not in", "range", "not range",
                           "is null", "is not null"])  # fmt: skip
    if level in {"customer.region", "channel.channel"} and rng.random() < 0.2:
        return Cut(level, "matches", (rng.choice(["%o%", "N%", "50%", "w_b", ""]),))
    if operator.endswith("range"):
        if level == "employee.reports":
            operator = "in"
        else:
            known = [m for m in members if m is not None and m != "@favourites"]
            pair = sorted(rng.choice(known) for _ in range(2))
            if rng.random() < 0.3:
                pair[rng.randint(0, 1)] = None
            return Cut(level, operator, tuple(pair))
    if operator.startswith("is"):
        return Cut(level, operator)
    return Cut(level, operator, tuple(rng.sample(members, rng.randint(1, 2))))


def days(rng, coarse):
    forms = [2023, "2024", "2023-02", "2024-02"]
    if not coarse:
        forms += ["2023-Q1", "2024-Q2", "2024-02-10", "2023-11-20"]
    if rng.random() < 0.5:
        return Cut("date", "in", tuple(rng.sample(forms, rng.randint(1, 2))))
    pair = rng.choice([("2023", "2024"), ("2023-02", "2024-03"), ("2024", None),
                       (None, "2024-06")])  # fmt: skip
    return Cut("date", "range", pair)
