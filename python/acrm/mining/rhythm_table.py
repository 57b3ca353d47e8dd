"""Own cycles of kinds of customers, by rhythms frozen at the cut-off of a definition.

A customer's own cycle depends on the number of intervals and their sum alone, so it is
worked out once a kind and not once a customer. With frozen parameters it changes only
when the customer orders: no stage moves because an estimate did.
"""

from __future__ import annotations

import pandas as pd

from acrm.mining import rhythm
from acrm.mining.fitting import Fit
from acrm.mining.frames import need_columns
from acrm.mining.parts import no_rows, together

DEFINITION = ["id_space", "definition_version"]
KIND = ["intervals", "total_days"]


def own_cycles(known: pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """Fit the rhythm of each definition and give each kind of customer its own cycle.

    Parameters
    ----------
    known : DataFrame of shape (n_customers, >= 5)
        ``id_space``, ``definition_version``, ``intervals``, ``total_days`` and
        ``log_days`` of the customers at the cut-off of the definition.
    kinds : DataFrame of shape (n_kinds, >= 4)
        ``id_space``, ``definition_version``, ``intervals``, ``total_days``: all that
        customers have under the definition.

    Returns
    -------
    DataFrame of shape (n_kinds, 12)
        The columns of ``kinds``; ``own_cycle_days`` (nan where nothing was estimated);
        ``shape``, ``a`` and ``b`` of the fit, ``log_likelihood``, ``customers``,
        ``status`` and ``reason``.

    Raises
    ------
    InputError
        If a column is missing or a value is null.
    """
    need_columns(known, [*DEFINITION, *KIND, "log_days"], "own_cycles")
    need_columns(kinds, [*DEFINITION, *KIND], "own_cycles")
    tables = [_nothing(kinds)]
    for definition, group in kinds.groupby(DEFINITION, sort=True):
        of_it = (known[DEFINITION] == list(definition)).all(axis=1)
        # rows come in any order, on which the last digits of a sum hang
        ordered = known[of_it].sort_values([*KIND, "log_days"])
        tables.append(_with_cycles(rhythm.fit(ordered), group))
    return together(tables)


def _with_cycles(fit: Fit, kinds: pd.DataFrame) -> pd.DataFrame:
    rows = kinds[[*DEFINITION, *KIND]].assign(silent_days=0.0)
    cycles = rhythm.predict(fit, rows)["own_cycle_days"]
    return rows.drop(columns="silent_days").assign(
        own_cycle_days=cycles,
        **dict(zip(rhythm.NAMES, fit.estimates.tolist(), strict=True)),
        log_likelihood=fit.log_likelihood,
        customers=fit.customers,
        status=str(fit.status),
        reason=fit.reason,
    )


def _nothing(kinds: pd.DataFrame) -> pd.DataFrame:
    """Return the columns without rows, so that no kind at all is a table as well."""
    numbers = ["own_cycle_days", *rhythm.NAMES, "log_likelihood"]
    columns = [*DEFINITION, *KIND, *numbers, "customers", "status", "reason"]
    like = kinds[[*DEFINITION, *KIND]].assign(customers=0)
    return no_rows(columns, like, {"status", "reason"})
