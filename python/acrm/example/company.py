"""All of the example company, from settings to a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acrm.errors import InputError
from acrm.example.asking import Asking
from acrm.example.campaigns import Campaigns
from acrm.example.catalogue import Catalogue
from acrm.example.clock import Clock
from acrm.example.consents import Consents
from acrm.example.counting import Counters
from acrm.example.demand import Demand
from acrm.example.dirt import Dirt
from acrm.example.goals import send_targets
from acrm.example.leads import send_leads
from acrm.example.outbox import Outbox
from acrm.example.people import People
from acrm.example.places import Places
from acrm.example.planning import send_plans
from acrm.example.reactions import Reactions
from acrm.example.readme import write_readme
from acrm.example.reasons import send_reasons
from acrm.example.registry import Registry, Tiers
from acrm.example.selling import Selling
from acrm.example.service import Service
from acrm.example.settings import DAY, Settings
from acrm.example.subscriptions import send_subscriptions
from acrm.example.truth import Truth
from acrm.example.visits import Web

PERIOD_LINES = 600_000
LONGEST_PERIOD = 31
LATE_LAUNCH = 3

Report = Callable[[str, int, int], None]
Rows = dict[tuple[str, str], dict[str, int]]


@dataclass(frozen=True)
class Made:
    """What was made: rows by system and table, initial and daily."""

    folder: Path
    rows: Rows


def make_company(settings: Settings, folder: Path, report: Report) -> Made:
    """Write the extracts of an example company, and what is true of it.

    Parameters
    ----------
    settings : Settings
        What to make.
    folder : Path
        Must not exist, or be empty. It appears whole, at the end.
    report : callable
        Told what is being done, how much of it is done, and of how much.

    Returns
    -------
    Made
        What was written.

    Raises
    ------
    InputError
        If the folder cannot be used.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder} is there and is not empty.",
            hint="Name a folder that does not exist yet, or is empty.",
        )
    if not folder.absolute().parent.is_dir():
        raise InputError(
            f"{folder.absolute().parent} does not exist.",
            hint="Make it first, or name another folder.",
        )
    unfinished = folder.absolute().with_name(
        f".{folder.absolute().name}.{os.getpid()}.tmp"
    )
    try:
        unfinished.mkdir()
        rows = _write(settings, unfinished, report)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written: {error.strerror or error}.",
            hint="Free some space, or name another folder.",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Made(folder, rows)


def periods(settings: Settings) -> Iterator[tuple[int, int]]:
    """Yield the first day of each period and the day after its last."""
    a_day = settings.customers * settings.lines / 365
    length = int(min(max(PERIOD_LINES / a_day, 1), LONGEST_PERIOD))
    for begin in range(0, settings.days, length):
        yield begin, min(begin + length, settings.days)


def _write(settings: Settings, folder: Path, report: Report) -> Rows:
    spans = list(periods(settings))
    total = len(spans) + 3
    report("people and products", 0, total)
    clock = Clock(settings)
    places = Places(settings, clock)
    catalogue = Catalogue(settings, clock)
    people = People(settings, clock, places)
    consents = Consents(settings, clock, people)
    report("who buys when", 1, total)
    campaigns = Campaigns(settings, clock, people, places, consents)
    heads = Demand(settings, clock, people, places).draw()
    heads = campaigns.plan(heads).sort_by_time()
    report("parties and campaigns", 2, total)
    outbox = Outbox(folder, settings)
    dirt = Dirt(settings, outbox)
    reactions = Reactions(settings, clock, catalogue, people, campaigns)
    reactions.react(heads, outbox)
    send_plans(reactions, outbox)
    tiers = Tiers(settings, clock, people, heads)
    places.send(outbox)
    catalogue.send(outbox, LATE_LAUNCH)
    late = len(catalogue.late_launches)
    dirt.count("product described late", "example_shop", "products", late)
    consents.send(outbox)
    Registry(settings, clock, people, tiers, dirt).send(outbox)
    send_subscriptions(settings, clock, people, outbox)
    send_leads(settings, clock, people, places, catalogue, heads, outbox)
    selling = Selling(
        settings, clock, people, places, catalogue, reactions, tiers, dirt
    )
    service = Service(settings, clock, people, places, catalogue, heads)
    send_reasons(clock, outbox)
    web = Web(settings, clock, people, places, catalogue, reactions)
    counters = Counters(settings, clock, places)
    asking = Asking(settings, clock, people, places, catalogue)
    for number, days in enumerate(spans):
        report(f"sales until {settings.date_of(days[1] - 1)}", 3 + number, total)
        low, high = np.searchsorted(heads.at, [days[0] * DAY, days[1] * DAY]).tolist()
        sold = selling.sell(number, days, low, heads.part(low, high), outbox)
        service.serve(sold, outbox)
        web.browse(sold, outbox)
        counters.count(sold, outbox)
        asking.ask(sold, outbox)
        outbox.flush(days[1])
    send_targets(settings, clock, selling, outbox)
    outbox.close()
    dirt.send_again()
    truth = Truth(folder / "truth", settings, clock)
    truth.plans(campaigns, people, places)
    truth.sales(selling, dirt)
    truth.effects(heads, service.again, asking, people)
    write_readme(settings, folder)
    report("done", total, total)
    return outbox.rows
