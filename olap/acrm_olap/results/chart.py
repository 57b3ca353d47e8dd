"""An answer as a picture: lines over time, bars otherwise."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from acrm_olap.errors import CubeError
from acrm_olap.planning.plan import Axis
from acrm_olap.results.answer import Answer, about
from acrm_olap.results.numbers import show_number
from acrm_olap.results.pivot import Header, Heading, Pivot, make_pivot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = ("png", "svg")
MOST_BARS = 30
MOST_SERIES = 10
MOST_PANELS = 4
MOST_POINTS = 2_000
_LONG, _TICKS, _WIDE, _SIGNS = 9, 12, 24, 66
# Signs of a legend's line, and what the mark before a name takes of them.
_LINE = 96
_MARK = 9
# Told apart by people who see few colours (Okabe and Ito), then by the line's dashes.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C6D1F",
    "#555555", "#6A3D9A", "#B2182B",
)  # fmt: skip
_SETTINGS: Any = {
    "svg.hashsalt": "acrm",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True)
class _Series:
    label: str
    values: list[float]


@dataclass(frozen=True)
class _Panel:
    """What has one scale: measures of the same unit."""

    heading: Heading
    caption: str
    series: list[_Series]


def draw_chart(answer: Answer, kind: str = "png") -> bytes:
    """Return a chart of an answer.

    Members down become the axis of the picture, those across its colours. Totals are
    left out. Measures of different units have a panel each. What is cut off is said.

    Parameters
    ----------
    answer : Answer
        What to draw.
    kind : {"png", "svg"}
        Of the picture; the same answer gives the same picture.

    Raises
    ------
    CubeError
        If the kind is not known, or matplotlib is not installed.
    """
    if kind not in KINDS:
        raise CubeError(
            f"A chart cannot be '{kind}'.", hint=f"There are: {', '.join(KINDS)}."
        )
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise CubeError(
            "Charts need matplotlib, which is not installed.",
            hint="Install it: pip install matplotlib. Tables need nothing more.",
        ) from error
    drawing = _Drawing(answer)
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=drawing.size(), dpi=120, layout="constrained")
        drawing.draw(figure)
        stream = io.BytesIO()
        nothing: dict[str, Any] = (
            {"Date": None} if kind == "svg" else {"Software": None}
        )
        figure.savefig(stream, format=kind, metadata=nothing)
    return stream.getvalue()


class _Drawing:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.along = _along(answer.plan.axes)
        pivot = make_pivot(answer, down=[axis.path for axis in self.along])
        self.captions = pivot.row_levels
        self.notes: list[str] = []
        places = pivot.rows
        kept = [n for n, header in enumerate(places) if not header.is_total]
        self.is_time = bool(self.along) and all(
            axis.level.period for axis in self.along
        )
        self.is_line = self.is_time and len(kept) > 1
        most = MOST_POINTS if self.is_line else MOST_BARS
        if len(kept) > most:
            self.notes.append(f"the first {most:,} of {len(kept):,} members are drawn")
            kept = kept[:most]
        self.kept = kept
        self.labels = [_label(places[n]) for n in kept]
        keys = [places[n].keys[0] for n in kept if len(self.along) == 1]
        days = all(isinstance(key, date) for key in keys) and self.is_line
        # Days stand as far apart as they are; other periods side by side.
        self.places = (
            [key.toordinal() for key in keys]
            if days and keys
            else list(range(len(kept)))
        )
        self.panels = self._panels(pivot)

    def _panels(self, pivot: Pivot) -> list[_Panel]:
        groups: dict[tuple[str, bool], list[int]] = {}
        for m, heading in enumerate(pivot.measures):
            relative = heading.format.rstrip().endswith("%")
            groups.setdefault((heading.unit, relative), []).append(m)
        if len(groups) > MOST_PANELS:
            self.notes.append(
                f"measures of {MOST_PANELS} of {len(groups)} units are drawn"
            )
        return [
            self._panel(pivot, every) for every in list(groups.values())[:MOST_PANELS]
        ]

    def _panel(self, pivot: Pivot, measures: Sequence[int]) -> _Panel:
        across = [n for n, header in enumerate(pivot.columns) if not header.is_total]
        series = []
        for c in across:
            for m in measures:
                member = _label(pivot.columns[c])
                name = pivot.measures[m].caption if len(measures) > 1 else ""
                values = [_number(pivot.cell(n, c, m).value) for n in self.kept]
                label = ", ".join(filter(None, [member, name]))
                series.append(_Series(label, values))
        if len(series) > MOST_SERIES:
            self.notes.append(
                f"the first {MOST_SERIES} of {len(series):,} series are drawn"
            )
        heading = pivot.measures[measures[0]]
        caption = heading.caption
        if len(measures) > 1:
            caption = heading.unit or ""
        return _Panel(heading, caption, series[:MOST_SERIES])

    # -- drawing -----------------------------------------------------------------

    @property
    def is_flat(self) -> bool:
        """Whether bars lie, so that many or long names can be read."""
        longest = max(map(len, self.labels), default=0)
        return not self.is_line and (len(self.labels) > _TICKS or longest > _LONG)

    def size(self) -> tuple[float, float]:
        """Return width and height in inches."""
        height = 4.2
        if self.is_flat:
            bars = len(self.labels) * max(
                (min(len(panel.series), 4) for panel in self.panels), default=1
            )
            height = max(2.6, 1.5 + 0.24 * bars)
        return 8.0, min(height * max(len(self.panels), 1), 40.0)

    def draw(self, figure: Figure) -> None:
        """Draw title, panels and notes."""
        left: dict[str, Any] = {"x": 0.02, "ha": "left"}
        figure.suptitle(self._title(), fontsize=12, fontweight="bold", **left)
        figure.supxlabel(self._notes(), fontsize=7.5, color="#555555", **left)
        plots = figure.subplots(max(len(self.panels), 1), 1, squeeze=False)
        for row, panel in zip(plots, self.panels, strict=False):
            plot = row[0]
            if not self.labels or not any(_has_value(s) for s in panel.series):
                _say_empty(plot)
                continue
            if self.is_line:
                self._lines(plot, panel)
            else:
                self._bars(plot, panel)
            if len(panel.series) > 1 or panel.series[0].label:
                # On top of the panel: no place inside is free for every answer.
                plot.legend(
                    loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False,
                    fontsize=8.5, ncols=_legend_columns(panel),
                    title=self._legend_title(), title_fontsize=8.5, alignment="left",
                )  # fmt: skip

    def _title(self) -> str:
        plan = self.answer.plan
        names = ", ".join(column.caption for column in plan.columns)
        by = ", ".join(caption[:1].lower() + caption[1:] for caption in self.captions)
        text = f"{plan.cube.caption}: {names}{f' by {by}' if by else ''}"
        return "\n".join(textwrap.wrap(text, 80)[:3])

    def _legend_title(self) -> str | None:
        across = [each for each in self.answer.plan.axes if each not in self.along]
        if not across:
            return None
        from acrm_olap.results.answer import level_caption

        plan = self.answer.plan
        return " · ".join(level_caption(plan, axis) for axis in across)

    def _notes(self) -> str:
        parts = [*dict.fromkeys(self.notes), *about(self.answer)]
        return "\n".join(
            line for part in parts for line in textwrap.wrap(part, 130)[:3]
        )

    def _lines(self, plot: Axes, panel: _Panel) -> None:
        places = self.places
        few = len(self.labels) <= 40  # noqa: PLR2004 - dots only hide long lines
        for n, each in enumerate(panel.series):
            plot.plot(
                places, each.values, label=each.label or None,
                color=COLOURS[n % len(COLOURS)], linewidth=1.8,
                linestyle="-" if n < 6 else "--",  # noqa: PLR2004 - colours alike
                marker="o" if few else "", markersize=3.5,
            )  # fmt: skip
        step = max(1, -(-len(self.labels) // _TICKS))
        shown = self.labels[::step]
        crowded = max(map(len, shown)) * len(shown) > _SIGNS
        plot.set_xticks(
            places[::step], shown,
            rotation=35 if crowded else 0, ha="right" if crowded else "center",
        )  # fmt: skip
        plot.set_xlabel(" · ".join(self.captions))
        _scale(plot.yaxis, panel)
        plot.set_ylabel(panel.caption)
        plot.grid(axis="y", color="#dddddd", linewidth=0.6)
        plot.set_axisbelow(True)
        values = [value for each in panel.series for value in each.values]
        if all(math.isnan(value) or value >= 0 for value in values):
            plot.set_ylim(bottom=0)

    def _bars(self, plot: Axes, panel: _Panel) -> None:
        count = len(panel.series)
        thick = 0.8 / count
        for n, each in enumerate(panel.series):
            at = [x - 0.4 + thick * (n + 0.5) for x in range(len(self.labels))]
            more: dict[str, Any] = {
                "label": each.label or None,
                "color": COLOURS[n % len(COLOURS)],
            }
            if self.is_flat:
                drawn = plot.barh(at, each.values, thick * 0.92, **more)
            else:
                drawn = plot.bar(at, each.values, min(thick * 0.92, 0.5), **more)
            if count * len(self.labels) <= _WIDE:
                texts = [_short(value, panel.heading) for value in each.values]
                plot.bar_label(drawn, texts, fontsize=8, padding=2)
        labels = [textwrap.shorten(text, 40, placeholder="...") for text in self.labels]
        name = " · ".join(self.captions)
        if self.is_flat:
            plot.set_yticks(range(len(labels)), labels)
            plot.invert_yaxis()
            plot.set_ylabel(name)
            plot.set_xlabel(panel.caption)
            _scale(plot.xaxis, panel)
            plot.margins(y=0.01)
        else:
            plot.set_xticks(range(len(labels)), labels)
            if len(labels) == 1:
                plot.set_xlim(-1, 1)
            plot.set_xlabel(name)
            plot.set_ylabel(panel.caption)
            _scale(plot.yaxis, panel)
        plot.grid(axis="x" if self.is_flat else "y", color="#dddddd", linewidth=0.6)
        plot.set_axisbelow(True)


def _along(axes: Sequence[Axis]) -> list[Axis]:
    """Return the levels along the picture; the others are its colours.

    Those of the rows; those of the columns if there are none; of rows that end in
    periods, the periods.
    """
    down = [axis for axis in axes if axis.on_rows] or list(axes)
    times = [axis for axis in down if axis.level.period]
    ends = down[len(down) - len(times) :] == times
    return times if times and ends else down


def _label(header: Header) -> str:
    return " · ".join(filter(None, header.labels))


def _number(value: Any) -> float:
    return float("nan") if value is None or isinstance(value, str) else float(value)


def _has_value(series: _Series) -> bool:
    return not all(map(math.isnan, series.values))


def _short(value: float, heading: Heading) -> str:
    if math.isnan(value):
        return ""
    if heading.format.rstrip().endswith("%"):
        return show_number(value, "0.0%")
    return _brief(value)


def _brief(value: float) -> str:
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{sign}"
    return f"{value:.3g}"


def _scale(axis: Any, panel: _Panel) -> None:
    from matplotlib.ticker import FuncFormatter

    relative = panel.heading.format.rstrip().endswith("%")
    axis.set_major_formatter(
        FuncFormatter(
            lambda value, _: f"{value * 100:.3g}%" if relative else f"{value:,.6g}"
        )
    )


def _legend_columns(panel: _Panel) -> int:
    """Return how many names stand side by side, so that none reaches over the edge."""
    longest = max(len(each.label) for each in panel.series)
    return max(1, min(len(panel.series), 4, _LINE // (longest + _MARK)))


def _say_empty(plot: Axes) -> None:
    plot.text(
        0.5, 0.5, "No value in any cell", ha="center", va="center",
        transform=plot.transAxes, color="#555555",
    )  # fmt: skip
    plot.set_xticks([])
    plot.set_yticks([])
