"""The record of models as one page that needs no network: charts, and their numbers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING, Any

from acrm.errors import InputError
from acrm.reading.models import ModelReport, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Told apart by people who see few colours (Okabe and Ito).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
_SETTINGS: Any = {
    "svg.hashsalt": "acrm",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem;
  border-top: 1px solid #ccc; padding-top: 1rem; }
.verdict { display: inline-block; padding: 0 .6em; border-radius: .3em;
  border: 1px solid; font-weight: 600; }
.better { color: #00543d; } .not_better { color: #8a3b00; }
.insufficient_data { color: #555; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; font-size: .875rem; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: left;
  white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
"""
_METRICS = (
    ("cutoff_date", "cut-off"),
    ("metric", "metric"),
    ("value", "model"),
    ("lo", "from"),
    ("hi", "to"),
    ("baseline_value", "baseline"),
    ("gain", "gain"),
    ("gain_lo", "from"),
    ("gain_hi", "to"),
    ("n", "n"),
    ("verdict", "verdict"),
    ("reason", "reason"),
)
_DECILES = (
    ("cutoff_date", "cut-off"),
    ("decile", "decile"),
    ("n", "n"),
    ("predicted", "score"),
    ("observed", "came"),
    ("captured", "captured so far"),
    ("lift", "lift"),
)
_DRIFT = (("metric", "of"), ("value", "index"), ("n", "customers now"))
_AMOUNTS = "clv"


def model_page(models: Sequence[ModelReport], source: str) -> str:
    """Return the page.

    Parameters
    ----------
    models : sequence of ModelReport
        From :func:`acrm.reading.models.read_models`.
    source : str
        What they were read from, for the head of the page.

    Raises
    ------
    InputError
        If matplotlib, which draws the charts, is not installed.
    """
    sections = "\n".join(_section(model) for model in models)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Models and their record</title><style>{_STYLE}</style></head><body>
<h1>Models and their record</h1>
<p class="note">{escape(source)}. Each model was judged at past cut-offs by what came
after them, beside a simple baseline on the same customers. Intervals are of 95 %. Where
a model is not better, the tables that readers get hold the baseline.</p>
{sections}
</body></html>
"""


def _section(model: ModelReport) -> str:
    row = model.version
    parts = [
        f"<section><h2>{escape(model.title)}</h2>",
        f'<p><span class="verdict {row["verdict"]}">'
        f"{escape(row['verdict'].replace('_', ' '))}</span> "
        f"{escape(model.sentence)}</p>",
        f'<p class="note">Version {escape(row["model_version"])}, customers as of '
        f"{row['cutoff_date']}; {escape(_parameters(row))}; code "
        f"{escape(row['code_hash'] or 'none')}, data "
        f"{escape(row['data_hash'] or 'none')}.</p>",
    ]
    if model.deciles:
        parts.append(_charts(model))
    if model.evaluations:
        parts.append(_table("Metrics", _METRICS, model.evaluations))
    else:
        parts.append(
            "<p>No past cut-off whose outcome is known: nothing to judge by.</p>"
        )
    if model.deciles:
        table = _table("Deciles, 1 is best", _DECILES, model.deciles)
        parts.append(f"<details><summary>Deciles in numbers</summary>{table}</details>")
    if model.drift:
        parts.append(
            _table(
                "Drift since the newest past cut-off: below 0.1 is stable, above 0.25"
                " has shifted",
                _DRIFT,
                model.drift,
            )
        )
    return "\n".join([*parts, "</section>"])


def _parameters(row: Row) -> str:
    values = json.loads(row["parameters"])
    told = ", ".join(f"{name} {shown_value(value)}" for name, value in values.items())
    return told or "no parameters"


def _table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> str:
    listed = list(rows)
    shown = [
        (name, heading)
        for name, heading in columns
        if any(row[name] not in (None, "") for row in listed)
    ]
    numeric = {
        name
        for name, _ in shown
        if all(isinstance(row[name], int | float | None) for row in listed)
    }
    head = "".join(_cell("th", heading, name in numeric) for name, heading in shown)
    body = "\n".join(
        "<tr>"
        + "".join(
            _cell("td", shown_value(row[name]), name in numeric) for name, _ in shown
        )
        + "</tr>"
        for row in listed
    )
    return (
        f"<h3>{escape(title)}</h3><div class='wide'><table><thead><tr>{head}</tr>"
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _cell(tag: str, text: str, is_number: bool) -> str:
    kind = ' class="number"' if is_number else ""
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def shown_value(value: Any) -> str:
    """Return a cell as a person reads it: four digits of small numbers, no more."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004
    return f"{value:,}" if isinstance(value, int) else str(value).replace("_", " ")


def _charts(model: ModelReport) -> str:
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise InputError(
            "The charts of the report need matplotlib, which is not installed.",
            hint="pip install 'acrm[charts]'",
        ) from error
    is_amount = model.version["model"] == _AMOUNTS
    by_cutoff: dict[str, list[Row]] = {}
    for row in model.deciles:
        by_cutoff.setdefault(str(row["cutoff_date"]), []).append(row)
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(11.5, 3.6), layout="constrained")
        FigureCanvasSVG(figure)
        left, middle, right = figure.subplots(1, 3)
        unit = model.version["part"] if is_amount else "share that ordered"
        if is_amount:
            _calibration(left, by_cutoff, unit)
        else:
            _captured(left, by_cutoff)
        _lift(middle, by_cutoff)
        _newest(right, by_cutoff, unit, is_amount)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    what = "calibration" if is_amount else "captured share"
    alt = f"{what}, lift and deciles of {model.title}; the numbers are in the tables"
    named = f'<svg role="img" aria-label="{escape(alt)}"'
    return (
        f"<figure>{svg.replace('<svg', named, 1)}"
        "<figcaption>By tenth of the score, 1 is best; one colour a cut-off."
        "</figcaption></figure>"
    )


def _calibration(axes: Axes, by_cutoff: dict[str, list[Row]], unit: str) -> None:
    for colour, (cutoff, rows) in zip(cycle(_COLOURS), by_cutoff.items(), strict=False):
        axes.plot(
            [row["predicted"] for row in rows],
            [row["observed"] for row in rows],
            "o-",
            color=colour,
            label=cutoff,
        )
    least = min(*axes.get_xlim(), *axes.get_ylim())
    most = max(*axes.get_xlim(), *axes.get_ylim())
    axes.plot([least, most], [least, most], color="#777777", linestyle=":", zorder=0)
    axes.set(title="Calibration", xlabel=f"foretold, {unit}", ylabel=f"came, {unit}")
    axes.legend(frameon=False, title="cut-off")


def _captured(axes: Axes, by_cutoff: dict[str, list[Row]]) -> None:
    for colour, (cutoff, rows) in zip(cycle(_COLOURS), by_cutoff.items(), strict=False):
        total = sum(row["n"] for row in rows)
        share, at = [0.0], 0
        for row in rows:
            at += row["n"]
            share.append(at / total)
        captured = [0.0, *(row["captured"] or 0.0 for row in rows)]
        axes.plot(share, captured, "o-", color=colour, label=cutoff)
    axes.plot([0, 1], [0, 1], color="#777777", linestyle=":", zorder=0)
    axes.set(
        title="Captured", xlabel="share of customers, best first",
        ylabel="share of those who ordered",
    )  # fmt: skip
    axes.legend(frameon=False, title="cut-off")


def _lift(axes: Axes, by_cutoff: dict[str, list[Row]]) -> None:
    for colour, rows in zip(cycle(_COLOURS), by_cutoff.values(), strict=False):
        known = [row for row in rows if row["lift"] is not None]
        axes.plot(
            [row["decile"] for row in known],
            [row["lift"] for row in known],
            "o-",
            color=colour,
        )
    axes.axhline(1, color="#777777", linestyle=":", zorder=0)
    axes.set(title="Lift", xlabel="decile", ylabel="times the average")
    axes.set_xticks(range(1, 11))


def _newest(
    axes: Axes, by_cutoff: dict[str, list[Row]], unit: str, is_amount: bool
) -> None:
    cutoff = max(by_cutoff)
    rows = by_cutoff[cutoff]
    place = [row["decile"] for row in rows]
    came = [row["observed"] for row in rows]
    if is_amount:
        axes.bar(
            [one - 0.2 for one in place],
            [row["predicted"] for row in rows],
            0.4,
            color=_COLOURS[5],
            label="foretold",
        )
        axes.bar(
            [one + 0.2 for one in place], came, 0.4, color=_COLOURS[0], label="came"
        )
        axes.legend(frameon=False)
    else:
        axes.bar(place, came, 0.7, color=_COLOURS[0])
    axes.set(title=f"Deciles at {cutoff}", xlabel="decile", ylabel=f"mean, {unit}"
             if is_amount else unit)  # fmt: skip
    axes.set_xticks(range(1, 11))
