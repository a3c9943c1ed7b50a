"""Calibration and error at a glance: one page of HTML with drawings, or a picture."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vernis.backtest.scores import OURS, Promise, Score, Scores
from vernis.errors import DataError, UsageError

SIZE = 300
_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2em;color:#222}"
    "figure{display:inline-block;margin:0 2em 2em 0;vertical-align:top}"
    "figcaption{font-weight:600;margin-bottom:.5em}text{font-size:12px;fill:#444}"
)


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


def page(scores: Scores, name: str) -> str:
    """The whole page, with nothing to load."""
    from html import escape

    figures = [
        _figure("Chance of a hit: promised and kept", _calibration(scores.confidence)),
        _figure("Back by a day: promised and kept", _calibration(scores.back)),
        _figure("Share within 5 days, by level", _bars(_levels(scores), share=True)),
        _figure("Median error in days, by level", _bars(_errors(scores), share=False)),
        _figure("Share within 5 days, by way", _bars(_ways(scores), share=True)),
    ]
    title = escape(name)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{scores.returns:,} returns of {scores.clients:,} clients.</p>"
        + "".join(figures)
    )


def _levels(scores: Scores) -> list[tuple[str, float]]:
    return [(name.replace("_", " "), one.hit) for name, one in scores.levels.items()]


def _errors(scores: Scores) -> list[tuple[str, float]]:
    return [(name.replace("_", " "), one.median_error) for name, one in scores.levels.items()]


def _ways(scores: Scores) -> list[tuple[str, float]]:
    return [(name, _all(groups).hit) for name, groups in scores.ways.items() if groups]


def _all(groups: dict[str, Score]) -> Score:
    return groups["all"]


def _figure(title: str, drawing: str) -> str:
    return f"<figure><figcaption>{title}</figcaption>{drawing}</figure>"


def _calibration(promises: Sequence[Promise]) -> str:
    """Dots of promised (across) and kept (up); on the diagonal what is promised is kept."""
    most = max((one.visits for one in promises), default=1)
    dots = "".join(
        f'<circle cx="{one.promised * SIZE:.1f}" cy="{(1 - one.kept) * SIZE:.1f}"'
        f' r="{3 + 7 * (one.visits / most) ** 0.5:.1f}" fill="#2b6cb0" fill-opacity=".7">'
        f"<title>{one.label}: promised {one.promised:.0%}, kept {one.kept:.0%},"
        f" {one.visits:,} visits</title></circle>"
        for one in promises
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


def _bars(values: Sequence[tuple[str, float]], *, share: bool) -> str:
    longest = max((value for _, value in values), default=0) or 1
    rows = "".join(
        f'<text x="0" y="{26 * row + 17}">{name}</text>'
        f'<rect x="130" y="{26 * row + 4}" width="{value / longest * 180:.1f}" height="18"'
        f' fill="{"#2b6cb0" if name == OURS or not share else "#90b4d6"}"/>'
        f'<text x="{136 + value / longest * 180:.0f}" y="{26 * row + 17}">'
        f"{f'{value:.0%}' if share else f'{value:g}'}</text>"
        for row, (name, value) in enumerate(values)
    )
    return f'<svg width="370" height="{26 * len(values) + 10}">{rows}</svg>'


def _picture(path: Path, scores: Scores, name: str) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError(
            "A .png needs matplotlib, which is not installed: write to a .html file instead."
        ) from None
    figure = Figure(figsize=(11, 8), layout="constrained")
    figure.suptitle(name)
    (first, second), (third, fourth) = figure.subplots(2, 2)
    for axes, title, promises in (
        (first, "Chance of a hit", scores.confidence),
        (second, "Back by a day", scores.back),
    ):
        axes.plot((0, 1), (0, 1), "--", color="#999")
        axes.scatter([one.promised for one in promises], [one.kept for one in promises])
        axes.set(title=title, xlabel="promised", ylabel="kept", xlim=(0, 1), ylim=(0, 1))
    for axes, title, values in (
        (third, "Median error in days, by level", _errors(scores)),
        (fourth, "Share within 5 days, by way", _ways(scores)),
    ):
        axes.barh(*_columns(values))
        axes.invert_yaxis()
        axes.set_title(title)
    figure.savefig(path, dpi=110)


def _columns(values: Sequence[tuple[str, float]]) -> Iterator[list[str] | list[float]]:
    yield [name for name, _ in values]
    yield [value for _, value in values]
