"""The page in the folder of an example company."""

from __future__ import annotations

from pathlib import Path

from acrm.example.settings import Settings

SYSTEMS = (
    "example_crm",
    "example_shop",
    "example_marketing",
    "example_call_centre",
    "example_traffic",
)

PLANTED = {
    "campaigns.csv": "Campaign X raises the share that buys in the 30 days after its "
    "assignment by 5 points over its control group, W the share of lapsed customers "
    "that buys within 60 days by 6 points; N does nothing, and no newsletter does. "
    "Assignment is at random.",
    "effects.csv": "A shirt in the basket makes a tie 3.8 times as likely; a tie "
    "follows a shirt within 30 days, not the other way round. A late order lowers the "
    "chance of the next. An alternative offered for what is sold out helps to sell. "
    "Some customers migrate down.",
    "moves.csv": "About one customer in ten moved to another region, once, on a known "
    "day.",
    "migrating_down.csv": "Whose purchases fell in the last two quarters.",
    "duplicates.csv": "Parties that are a second record of a person, and the true one.",
    "dead_counter.csv": "A second door whose counter died: rows of nought for three "
    "days, then none.",
    "totals.csv": "By business day: lines, quantity, gross and net of all order lines "
    "after all corrections, as a warehouse that loaded everything has to show them.",
    "dirt.csv": "What is wrong on purpose, and how many times.",
}

PAGE = """\
# An example company

Made by `acrm example`: {customers:,} customers, {days:,} business days from {start} to
{end}, seed {seed}. Same settings and seed, same bytes. All of it is invented.

A European retailer of fashion and home with stores, a web shop, an app and a call
centre. Five systems share the ids of customers, products, stores, employees and orders.
Timestamps are UTC; the business day is Europe/Lisbon; the currency is EUR.

| folder | what |
|---|---|
| `initial/<system>/` | all up to the day before {first}, as one full extract |
| `daily/<date>/<system>/` | what a system sends for a day: new rows, changed records |
| `truth/` | what is true of the company; never loaded |

## Load it

{initial}
Then each day, for example:

{daily}
## What is planted

{planted}
`realised` is what came out of this company, beside what was planted.

## What is wrong with it

Only the daily extracts are dirty. Lines come up to 20 days late. Lines come again with
other amounts: the last delivery counts. Files come again under another name (`-again`).
A few rows are broken (a letter in a number in CSV, an empty key, a value that is not
allowed) and belong in quarantine; broken order lines come again, whole, two days later,
except those of the last two days, which `totals.csv` leaves out. Some moves are told
long after they happened. Some parties and products are described days after they are
first named; products X9000xx and a few parties never are.

## What a reader should know

- A return is a document of its own (`R` and the number of the order) without a row in
  `orders`; the order gets `returned_at`.
- The initial extract shows orders, leads and cases in their latest state, and every
  state of parties, products, stores and employees.
- Visits and store counts begin 120 days before the end.
- The main door of a store never counts less than its tills, in any quarter of an hour.
  Zones count people who have come through a door before: never add both.
- Targets are of known customers, by the region where they live.
"""


def write_readme(settings: Settings, folder: Path) -> None:
    """Write the page on what is in the folder, and how to load it."""
    first = settings.date_of(settings.first_daily) if settings.daily else settings.end
    lists = {}
    for name, path in (("initial", "initial"), ("daily", f"daily/{first}")):
        body = "".join(
            f"acrm load {path}/{system} --system {system}\n" for system in SYSTEMS
        )
        lists[name] = f"```console\n{body}```\n"
    if not settings.daily:
        lists["daily"] = "(This company has no daily extracts.)\n"
    rows = "".join(f"| `{name}` | {what} |\n" for name, what in PLANTED.items())
    planted = f"| file in `truth/` | what is true |\n|---|---|\n{rows}"
    page = PAGE.format(
        customers=settings.customers,
        days=settings.days,
        start=settings.start,
        end=settings.end,
        seed=settings.seed,
        first=first,
        planted=planted,
        **lists,
    )
    (folder / "README.md").write_text(page, encoding="utf-8")
