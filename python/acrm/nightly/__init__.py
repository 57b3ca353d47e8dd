"""Load, build, audit and publish in one run, as a scheduler starts it."""

from acrm.nightly.landing import Landing, find_landings
from acrm.nightly.run import Listener, Plan, run
from acrm.nightly.summary import Outcome, Summary
from acrm.nightly.watch import Watch, watch

__all__ = [
    "Landing",
    "Listener",
    "Outcome",
    "Plan",
    "Summary",
    "Watch",
    "find_landings",
    "run",
    "watch",
]
