"""Figures as inline SVG: a plane with a boundary, bars, and curves; each shows the student's beside the right one.

A figure contains only numbers, and plain text from this module or from the caller, so no student's text
gets into it. Colours are classes (see plots.css), because the page's policy forbids style attributes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Point = tuple[float, float]
    Boundary = tuple[float, float, float]  # (w1, w2, w0): the line w1 x1 + w2 x2 + w0 = 0

REACH = 4.2  # of the plane on either side of the origin
WIDTH, HEIGHT = 340, 300
LEFT, TOP, SIDE_W, SIDE_H = 44, 12, 284, 244  # the place of the axes
_JOIN = Markup("")


def plane(
    name: str,
    title: str,
    description: str,
    upper: Sequence[Point],
    lower: Sequence[Point],
    right: Boundary,
    yours: Boundary | None,
) -> Markup:
    """Points of two classes, the right boundary as a broad pale line, and yours as a thin dark one.

    Args:
        name: the figure's id, unique on its page.
        title: the figure's title; `description` describes the figure for people who cannot see it.
        upper: the points of the class on the side where w . x >= 0, and `lower` the others.
        right: the reference's boundary.
        yours: the student's, whose two sides are tinted; None where there is none.
    """
    size = min(SIDE_W, SIDE_H)
    scale = size / (2 * REACH)

    def place(point: Point) -> Point:
        return (point[0] + REACH) * scale, (REACH - point[1]) * scale

    sides = _JOIN
    if yours is not None:
        for sign, which in ((1, "upper"), (-1, "lower")):
            corners = _half_plane((sign * yours[0], sign * yours[1], sign * yours[2]))
            sides += Markup('<polygon class="tint-{}" points="{}"/>').format(which, _points(map(place, corners)))
    large = len(upper) + len(lower) <= 20
    dots = [
        Markup('<path class="dot {} {}" d="{}"/>').format(
            which,
            "large" if large else "small",
            " ".join(f"M{x:.1f} {y:.1f}h.01" for x, y in map(place, points)),
        )
        for which, points in (("upper", upper), ("lower", lower))
    ]
    lines = [
        Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
            kind, *place(segment[0]), *place(segment[1])
        )
        for kind, boundary in (("right", right), ("yours", yours))
        if boundary is not None and (segment := _segment(boundary))
    ]
    rings = _JOIN
    if yours is not None:
        wrong = [p for p in upper if not on_upper_side(yours, p)] + [p for p in lower if on_upper_side(yours, p)]
        rings = _JOIN.join(
            Markup('<circle class="ring" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(*place(point), 9 if large else 5)
            for point in wrong
        )
    inside = _within(LEFT, TOP, size, size, sides + lines[0] + _JOIN.join(dots) + rings + _JOIN.join(lines[1:]))
    ticks = [-3, 0, 3]
    axes = _axes(
        LEFT, TOP, size, size,
        [(place((tick, 0))[0], _minus(tick)) for tick in ticks],
        [(place((0, tick))[1], _minus(tick)) for tick in ticks],
        "x₁", "x₂",
    )  # fmt: skip
    return _figure(name, title, description, axes + inside, LEFT + size + 12)


def bars(name: str, title: str, description: str, right: Sequence[float], yours: Sequence[float] | None) -> Markup:
    """Whole numbers, pass by pass: the right ones pale, and yours beside them."""
    most = max(*right, *(yours or ()), 1)
    count = max(len(right), len(yours or []))
    slot = SIDE_W / count
    width = min(slot * 0.38, 22)
    drawn = _JOIN
    labels = _JOIN
    for which, heights, offset in (("right", right, -width), ("yours", yours or (), 0.0)):
        for index, height in enumerate(heights):
            x = (index + 0.5) * slot + offset
            tall = height / (most * 1.12) * SIDE_H
            drawn += Markup('<rect class="bar-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                which, x, SIDE_H - max(tall, 1.5), width - 1, max(tall, 1.5)
            )
            if count <= 8:
                labels += _text(LEFT + x + width / 2, TOP + SIDE_H - max(tall, 1.5) - 4, f"{height:.0f}", "middle")
    step = -(-count // 10)
    axes = _axes(
        LEFT, TOP, SIDE_W, SIDE_H,
        [((index + 0.5) * slot, str(index + 1)) for index in range(0, count, step)],
        [(SIDE_H - tick / (most * 1.12) * SIDE_H, f"{tick:.0f}") for tick in sorted({0, most // 2, most})],
        "pass", "mistakes",
    )  # fmt: skip
    return _figure(name, title, description, axes + _within(LEFT, TOP, SIDE_W, SIDE_H, drawn) + labels)


def curves(name: str, title: str, description: str, right: Sequence[float], yours: Sequence[float] | None) -> Markup:
    """A number, step by step: the right ones as a broad pale line, yours as a thin dark one.

    The axis goes up to four times the right ones; what lies beyond leaves the picture.
    """
    highest, lowest = max(right), min(0.0, *right)
    if yours:
        highest = max(highest, min(max(yours), 4 * highest))
        lowest = min(lowest, max(min(yours), -highest))
    top = highest + 0.08 * (highest - lowest)
    steps = max(len(right), len(yours or []), 2) - 1

    def place(step: int, value: float) -> Point:
        near = min(max(value, lowest - 10 * (top - lowest)), top + 10 * (top - lowest))
        return step / steps * SIDE_W, SIDE_H - (near - lowest) / (top - lowest) * SIDE_H

    drawn = _JOIN.join(
        Markup('<polyline class="{}" points="{}"/>').format(
            kind, _points(place(step, value) for step, value in enumerate(values))
        )
        for kind, values in (("right", right), ("yours", yours))
        if values
    )
    unit = next(unit for unit in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, highest) if highest / unit <= 8)
    low = int(lowest / unit) if lowest < 0 else 0
    axes = _axes(
        LEFT, TOP, SIDE_W, SIDE_H,
        [(place(step, 0)[0], str(step)) for step in range(0, steps + 1, max(1, (steps + 1) // 4))],
        [(place(0, k * unit)[1], _minus(round(k * unit, 1))) for k in range(low, int(top / unit) + 1)],
        "step", "loss",
    )  # fmt: skip
    return _figure(name, title, description, axes + _within(LEFT, TOP, SIDE_W, SIDE_H, drawn))


@functools.lru_cache(1024)
def meter(share: float) -> Markup:
    """A thin bar, filled to `share`, from 0 to 1."""
    return Markup(
        '<svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="meter-ground" width="100" height="4"/><rect class="meter-{}" width="{:.1f}" height="4"/></svg>'
    ).format("full" if share >= 1 else "part", 100 * min(max(share, 0.0), 1.0))


def on_upper_side(boundary: Boundary, point: Point) -> bool:
    """Whether w1 x1 + w2 x2 + w0 >= 0."""
    w1, w2, w0 = _scaled(boundary)
    return w1 * point[0] + w2 * point[1] + w0 >= 0


def _scaled(boundary: Boundary) -> Boundary:
    """The same boundary with weights of at most 1, so that nothing overflows."""
    most = max(map(abs, boundary)) or 1.0
    w1, w2, w0 = (weight / most for weight in boundary)
    return w1, w2, w0


def _half_plane(boundary: Boundary) -> list[Point]:
    """The corners of the part of the plane where w1 x1 + w2 x2 + w0 >= 0 (Sutherland and Hodgman, 1974)."""
    w1, w2, w0 = _scaled(boundary)
    square = [(-REACH, -REACH), (REACH, -REACH), (REACH, REACH), (-REACH, REACH)]
    corners: list[Point] = []
    for here, there in zip(square, square[1:] + square[:1], strict=True):
        score, next_score = (w1 * x1 + w2 * x2 + w0 for x1, x2 in (here, there))
        if score >= 0:
            corners.append(here)
        if (score >= 0) != (next_score >= 0):
            share = score / (score - next_score)
            corners.append((here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])))
    return corners


def _segment(boundary: Boundary) -> tuple[Point, Point] | None:
    """The ends of the boundary in the plane that is shown; None where it is outside, or no line at all."""
    w1, w2, w0 = _scaled(boundary)
    length = (w1 * w1 + w2 * w2) ** 0.5
    if length == 0 or abs(w0) / length > 2 * REACH:
        return None
    foot = -w0 * w1 / length**2, -w0 * w2 / length**2
    along = -w2 / length * 4 * REACH, w1 / length * 4 * REACH
    return (foot[0] - along[0], foot[1] - along[1]), (foot[0] + along[0], foot[1] + along[1])


def _axes(
    x: float, y: float, width: float, height: float,
    across: Iterable[tuple[float, str]], up: Iterable[tuple[float, str]], x_label: str, y_label: str,
) -> Markup:  # fmt: skip
    frame = Markup('<rect class="frame" x="{}" y="{}" width="{}" height="{}"/>').format(x, y, width, height)
    for at, text in across:
        frame += _text(x + at, y + height + 14, text, "middle")
    for at, text in up:
        frame += Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            x, x + width, y + at, y + at
        ) + _text(x - 6, y + at + 4, text, "end")
    frame += _text(x + width / 2, y + height + 32, x_label, "middle")
    return frame + Markup(
        '<text transform="translate({:.1f} {:.1f}) rotate(-90)" text-anchor="middle">{}</text>'
    ).format(x - 31, y + height / 2, y_label)


def _within(x: float, y: float, width: float, height: float, drawn: Markup) -> Markup:
    """Markup, clipped to the frame."""
    return Markup('<svg x="{}" y="{}" width="{}" height="{}">{}</svg>').format(x, y, width, height, drawn)


def _figure(name: str, title: str, description: str, drawn: Markup, width: float = WIDTH) -> Markup:
    return Markup(
        '<svg class="plot{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{n}-title {n}-desc">'
        '<title id="{n}-title">{}</title><desc id="{n}-desc">{}</desc>{}</svg>'
    ).format("" if width == WIDTH else " square", width, HEIGHT, title, description, drawn, n=name)


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _minus(number: float) -> str:
    return f"{number:g}".replace("-", "−")
