"""A star that was not built for cubes: an orchard that nobody here has seen before.

Facts in a table for each year, days with a number for a key and two calendars, sites
without a town or a county of their own, staff under staff with a table of who is under
whom, kinds of fruit in a further table, a depot that only one fact has.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

TABLES = """
create table days as
select (1000 + n)::integer as day_id, (date '2023-01-01' + n::integer)::timestamp
    as the_date, year(the_date)::smallint as the_year, 'Q' || quarter(the_date)
    as "quarter", month(the_date)::smallint as month_of_year, monthname(the_date)
    as the_month, (dayofyear(the_date) - 1) // 7 + 1 as week_of_year,
    isodow(the_date) as "position"
from range(731) as numbers(n);

create table sites as from (values
    (1, 'Salem', 'Kent', 'England', 'North field', 100),
    (2, 'Salem', 'Essex', 'England', 'South field', 250),
    (3, 'Dover', 'Kent', 'England', 'Cliff', null),
    (4, null, 'Monaco', 'Monaco', 'Terrace', 30),
    (5, 'Valletta', 'Malta', 'Malta', 'Wall', 40),
    (6, ' ', 'Malta', 'Malta', 'Gate', 50)
) as t(site_id, town, county, country, site_name, sqm);

create table kinds as from (values
    (1, 'Cherry', 'Stone', 'Tree'), (2, 'Apple', 'Core', 'Tree'),
    (3, 'Sloe', 'Stone', 'Bush'), (4, 'Currant', 'Berry', 'Bush')
) as t(kind_id, kind, sort, family);
create table fruit as
select n::integer as fruit_id, (1 + n % 4)::integer as kind_id, 'Variety ' || n
    as variety from range(1, 13) as numbers(n);

create table staff as from (values
    (1, 'Ada', 'Oak', 0, 1), (2, 'Ben', 'Elm', 1, 2), (3, 'Cleo', 'Ash', 1, 3),
    (4, 'Dan', 'Yew', 2, 1), (5, 'Eve', 'Fir', 2, 4), (6, 'Flo', 'Box', 5, 5),
    (7, 'Gus', 'Bay', null, 6), (8, 'Dan', 'Yew', 3, 2)
) as t(staff_id, first_name, last_name, boss_id, site_id);
create table under as
with recursive up as (
    select staff_id as boss, staff_id, 0 as distance from staff
    union all
    select staff.boss_id, up.staff_id, up.distance + 1
    from up inner join staff on staff.staff_id = up.boss
    where staff.boss_id <> 0
) select * from up;
create table wages as from (values
    (timestamp '2023-01-01', 1, 9.00), (timestamp '2023-01-01', 2, 8.00),
    (timestamp '2023-01-01', 5, 5.25), (timestamp '2023-04-01', 1, 9.50),
    (timestamp '2023-04-01', 3, 7.00), (timestamp '2023-04-01', 4, 4.00),
    (timestamp '2023-04-01', 6, 2.50), (timestamp '2023-07-01', 6, 2.75),
    (timestamp '2023-07-01', 7, 6.00), (timestamp '2023-07-01', 8, 1.25),
    (timestamp '2023-07-01', 9, 0.75)
) as t(pay_date, staff_id, paid);

create table depots as from (values
    (1, 'Dry', 'England'), (2, 'Cool', 'England'), (3, 'Sea', 'Malta')
) as t(depot_id, depot_name, depot_country);

create table picks_2023 as
select (1 + n % 12)::integer as fruit_id, (1000 + (n * 7) % 365)::integer as day_id,
    (1 + n % 6)::integer as site_id, (1 + (n * 5) % 8)::integer as staff_id,
    (n % 3)::integer as offer_id, (1 + n % 4)::integer as boxes,
    ((100 + (n * 13) % 400) / 100.0)::decimal(10, 2) as amount,
    ((30 + (n * 11) % 90) / 100.0)::decimal(10, 2) as cost
from range(300) as numbers(n);
create table picks_2024 as
select fruit_id, day_id + 365 as day_id, site_id, (1 + staff_id % 5)::integer
    as staff_id, offer_id, boxes, (amount * 2)::decimal(10, 2) as amount, cost
from picks_2023 where day_id % 2 = 0;
create table stock as
select (1 + n % 12)::integer as fruit_id, (1000 + (n * 5) % 365)::integer as day_id,
    (1 + n % 6)::integer as site_id, (1 + n % 3)::integer as depot_id,
    (10 + n % 7)::integer as shipped, ((500 + n * 3) / 100.0)::decimal(10, 2) as worth,
    ((200 + n) / 100.0)::decimal(10, 2) as cost
from range(120) as numbers(n);
"""

DEFINITIONS = {
    "day": """
dimension: day
table: days
key: day_id
calendar: {date: the_date}
levels:
  year: {key: the_year, period: year}
  quarter: {key: [the_year, quarter], label: quarter, period: quarter}
  month:
    key: [the_year, quarter, month_of_year]
    label: the_month
    period: month
  week: {key: [the_year, week_of_year], label: week_of_year, period: week}
  weekday: {key: [the_year, week_of_year, position], label: position, period: day}
hierarchies:
  months: [year, quarter, month]
  weekly: [year, week, weekday]
""",
    "site": """
dimension: site
table: sites
key: site_id
levels:
  country: country
  county: {key: county, hide_if: parent}
  town: {key: [county, town], label: town, hide_if: blank}
  site: {key: site_name, attributes: {sqm: sqm}}
  size: sqm
hierarchies:
  places: [country, county, town, site]
""",
    "fruit": """
dimension: fruit
table: fruit
key: fruit_id
joins:
  - {table: kinds, on: {kind_id: kind_id}, complete: true}
levels:
  family: kinds.family
  sort: {key: [kinds.family, kinds.sort]}
  kind: {key: [kinds.family, kinds.sort, kinds.kind]}
  variety: variety
hierarchies:
  fruits: [family, sort, kind, variety]
""",
    "depot": """
dimension: depot
table: depots
key: depot_id
levels: {country: depot_country, depot: depot_name}
""",
    "staff": """
dimension: staff
table: >
  (select *, first_name || ' ' || last_name as full_name from staff)
key: staff_id
joins:
  - {table: staff, name: boss, on: {boss_id: staff_id}}
  - {table: sites, on: {site_id: site_id}}
  - {table: sites, name: boss_site, on: {boss.site_id: site_id}}
  - table: (select boss, staff_id from under where distance = 1)
    name: closure
    on: {staff_id: staff_id}
levels:
  staff: {key: staff_id, label: full_name}
  boss: {key: boss.staff_id, label: boss.first_name}
  site: sites.site_name
  boss_site: boss_site.site_name
hierarchies:
  reports: {level: staff, parent: boss_id, by_depth: [head, lead, hand]}
  closed: {level: staff, parent: closure.boss}
""",
    "picks": """
cube: picks
fact: picks_2023
dimensions: {day: day_id, site: site_id, fruit: fruit_id, staff: staff_id}
measures:
  boxes: {sum: boxes}
  amount: {sum: amount}
  cost: {sum: cost}
  lines: {count: fruit_id}
  pickers: {count_distinct: staff_id}
  least: {min: amount}
  most: {max: amount}
  mean: {avg: amount}
  offered: {sum: "if(offer_id = 0, 0, amount)"}
  profit: {expression: amount - cost}
  profit_before: {expression: "coalesce(profit.prior, profit)", visible: false}
  growth: {expression: (profit - profit_before) / profit_before}
""",
    "all_picks": """
cube: all_picks
fact: (from picks_2023 union all from picks_2024)
time: day
dimensions: {day: day_id, site: site_id, staff: staff_id}
measures:
  boxes: {sum: boxes}
  pickers: {count_distinct: staff_id}
""",
    "depot_cube": """
cube: depot
fact: stock
through: 2023-12-31
dimensions: {day: day_id, site: site_id, fruit: fruit_id, depot: depot_id}
measures:
  shipped: {sum: shipped}
  worth: {sum: worth}
  stock_profit: {sum: worth - cost}
  worth_per_cost: {expression: worth / costs}
  costs: {sum: cost}
sets:
  best: {level: fruit.variety, top: 3, by: worth}
  least: {level: site.town, bottom: 1, by: shipped}
  towns: {level: site.town, members: [[Kent, Salem], [Kent, Dover]]}
""",
    "wages": """
cube: wages
fact: wages
through: quarter
joins:
  - {table: staff, name: worker, on: {staff_id: staff_id}}
  - {table: days, on: {pay_date: the_date}}
dimensions: {day: days.day_id, site: worker.site_id, staff: staff_id}
measures:
  paid: {sum: paid}
  paid_staff: {count_distinct: staff_id}
  each: {expression: paid / paid_staff}
""",
    "fields": """
cube: fields
fact: sites
dimensions:
  site: site_id
  country: {levels: {country: country}}
measures:
  sqm: {sum: sqm}
  largest: {max: sqm}
""",
    "both": """
virtual_cube: both
cubes: [picks, depot]
measures:
  profit_per_shipped: {expression: profit / shipped}
""",
}


def write_orchard(folder):
    """Write the file of the orchard and its definitions; return both paths."""
    file, definitions = Path(folder, "orchard.duckdb"), Path(folder, "definitions")
    with duckdb.connect(str(file)) as connection:
        connection.execute(TABLES)
    definitions.mkdir()
    write_definitions(definitions)
    return file, definitions


def write_definitions(folder):
    """Write the definitions of the orchard."""
    for name, text in DEFINITIONS.items():
        Path(folder, f"{name}.yml").write_text(text.lstrip(), encoding="utf-8")
