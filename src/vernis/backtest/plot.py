"""Calibration and error by level at a glance: one page of HTML with drawings, or a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vernis.backtest.scores import OURS, Promise, Score, Scores
from vernis.decide.timing.model import WINDOW
from vernis.errors import DataError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = 300
COLOURS = {
    "personal": "#2b6cb0",
    "service_average": "#c05621",
    "industry_standard": "#2f855a",
    "universal": "#805ad5",
}
_OURS, _OTHERS = "#2b6cb0", "#a9bfd6"
_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2em;color:#222}"
    "figure{display:inline-block;margin:0 2em 2em 0;vertical-align:top}"
    "figcaption{font-weight:600;margin-bottom:.5em}text{font-size:12px;fill:#444}"
)

Bars = Sequence[tuple[str, float, str]]  # what, how much, in which colour


def write(path: Path, scores: Scores, name: str) -> None:
    """Draw to a file; its ending says how, .html or .png."""
    kind = path.suffix.lower()
    try:
        if kind in (".html", ".htm"):
            path.write_text(page(scores, name), encoding="utf-8")
        elif kind == ".png":
            _picture(path, scores, name)
        else:
            raise UsageError(f"--plot writes .html or .png, not «{path.suffix}».")
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None


def _bars(scores: Scores) -> list[tuple[str, Bars, bool]]:
    """(title, bars, whether they are shares)."""
    levels = [(_title(name), one, COLOURS[name]) for name, one in scores.levels.items()]
    ways = [(name, groups["all"]) for name, groups in scores.ways.items() if groups]
    return [
        ("Within 5 days, by level", [(name, one.hit, hue) for name, one, hue in levels], True),
        (
            "Median error in days, by level",
            [(name, one.median_error, hue) for name, one, hue in levels],
            False,
        ),
        (
            f"Inside the {WINDOW:.0%} window, by level",
            [(name, one.inside or 0.0, hue) for name, one, hue in levels],
            True,
        ),
        (
            "Within 5 days, by way",
            [(name, one.hit, _OURS if name == OURS else _OTHERS) for name, one in ways],
            True,
        ),
    ]


def _title(level: str) -> str:
    return level.replace("_", " ")


def _returns(score: Score) -> str:
    return f"{score.returns:,} returns"


# --- as a page ----------------------------------------------------------------------------------


def page(scores: Scores, name: str) -> str:
    """The whole page, with nothing to load."""
    from html import escape

    figures = [
        _figure("Chance of a hit, by level: promised and kept", _dots(scores.by_level)),
        _figure("Back by a day: promised and kept", _dots({"personal": scores.back})),
        *(_figure(title, _rows(bars, share=share)) for title, bars, share in _bars(scores)),
    ]
    legend = " ".join(
        f'<span style="color:{COLOURS[level]}">● {_title(level)}, {_returns(one)}</span>'
        for level, one in scores.levels.items()
    )
    title = escape(name)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{scores.returns:,} returns of {scores.clients:,} clients."
        " On the dashed line what was promised is kept; a dot's size is the number of visits."
        f"</p><p>{legend}</p>" + "".join(figures)
    )


def _figure(title: str, drawing: str) -> str:
    return f"<figure><figcaption>{title}</figcaption>{drawing}</figure>"


def _dots(promises: Mapping[str, Sequence[Promise]]) -> str:
    """Dots of promised (across) and kept (up)."""
    most = max((one.visits for level in promises.values() for one in level), default=1)
    dots = "".join(
        f'<circle cx="{one.promised * SIZE:.1f}" cy="{(1 - one.kept) * SIZE:.1f}"'
        f' r="{3 + 9 * (one.visits / most) ** 0.5:.1f}" fill="{COLOURS[level]}"'
        f' fill-opacity=".7"><title>{one.label}: promised {one.promised:.0%}, kept'
        f" {one.kept:.0%}, {one.visits:,} visits</title></circle>"
        for level, of_level in promises.items()
        for one in of_level
    )
    lines = "".join(
        f'<path d="M0 {y}H{SIZE}M{y} 0V{SIZE}" stroke="#ddd"/>'
        for y in range(0, SIZE + 1, SIZE // 4)
    )
    return (
        f'<svg width="{SIZE + 60}" height="{SIZE + 40}" viewBox="-45 -10 {SIZE + 60} {SIZE + 40}">'
        f'{lines}<path d="M0 {SIZE}L{SIZE} 0" stroke="#999" stroke-dasharray="4"/>{dots}'
        f'<text x="0" y="{SIZE + 16}">0</text><text x="{SIZE - 32}" y="{SIZE + 16}">100%</text>'
        f'<text x="{SIZE / 2 - 28}" y="{SIZE + 26}">promised</text>'
        f'<text x="-40" y="{SIZE / 2}">kept</text></svg>'
    )


def _rows(bars: Bars, *, share: bool) -> str:
    longest = max((value for _, value, _ in bars), default=0) or 1
    rows = "".join(
        f'<text x="0" y="{26 * row + 17}">{name}</text>'
        f'<rect x="130" y="{26 * row + 4}" width="{value / longest * 180:.1f}" height="18"'
        f' fill="{hue}"/><text x="{136 + value / longest * 180:.0f}" y="{26 * row + 17}">'
        f"{_number(value, share=share)}</text>"
        for row, (name, value, hue) in enumerate(bars)
    )
    return f'<svg width="370" height="{26 * len(bars) + 10}">{rows}</svg>'


def _number(value: float, *, share: bool) -> str:
    return f"{value:.0%}" if share else f"{value:.3g}"


# --- as a picture -------------------------------------------------------------------------------


def _picture(path: Path, scores: Scores, name: str) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError(
            "A .png needs matplotlib, which is not installed: write to a .html file instead."
        ) from None
    figure = Figure(figsize=(15, 9), layout="constrained")
    figure.suptitle(f"{name}: {scores.returns:,} returns of {scores.clients:,} clients")
    (first, second, third), others = figure.subplots(2, 3)
    _scatter(first, "Chance of a hit, by level", scores.by_level)
    first.legend(loc="upper left")
    _scatter(second, "Back by a day", {"personal": scores.back})
    for one in scores.back:
        place = {"xytext": (-10, 4), "textcoords": "offset points", "ha": "right"}
        second.annotate(one.label, (one.promised, one.kept), **place)
    *by_level, by_way = _bars(scores)
    for axes, (title, bars, share) in zip((third, *others), (by_way, *by_level), strict=True):
        axes.set_title(title)
        drawn = axes.barh([one[0] for one in bars], [one[1] for one in bars])
        for bar, (*_, hue) in zip(drawn, bars, strict=True):
            bar.set_color(hue)
        axes.bar_label(drawn, [_number(value, share=share) for _, value, _ in bars], padding=3)
        axes.margins(x=0.15)
        axes.invert_yaxis()
    others[2].axvline(WINDOW, linestyle="--", color="#999")
    figure.savefig(path, dpi=110)


def _scatter(axes: "Axes", title: str, promises: Mapping[str, Sequence[Promise]]) -> None:
    axes.plot((0, 1), (0, 1), "--", color="#999")
    most = max((one.visits for level in promises.values() for one in level), default=1)
    for level, of_level in promises.items():
        axes.scatter(
            [one.promised for one in of_level],
            [one.kept for one in of_level],
            [15 + 200 * one.visits / most for one in of_level],
            color=COLOURS[level],
            alpha=0.7,
            label=_title(level),
        )
    axes.set(title=title, xlabel="promised", ylabel="kept", xlim=(0, 1), ylim=(0, 1))
