"""What a plot shows, as plain data: of each pair of axes its words, lines, points, bars and images, and no pixel."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from autograder.wire.arrays import MAX_TENSOR_BYTES, ArrayData, ValueRejected, decode_array, encode_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes as DrawnAxes

MAX_AXES = 100
MAX_PARTS = 1000  # of a pair of axes
MAX_WORDS = 1000  # characters of a title or a label


class PartData(Struct, frozen=True, array_like=True):
    """A line, a cloud of points, or a group of bars: float64 numbers."""

    label: str
    x: ArrayData
    y: ArrayData


class AxesData(Struct, frozen=True, array_like=True):
    """One pair of axes; `words` are title, labels and scales of x and y."""

    words: tuple[str, str, str, str, str]
    lines: tuple[PartData, ...] = ()
    points: tuple[PartData, ...] = ()
    bars: tuple[PartData, ...] = ()
    images: tuple[ArrayData, ...] = ()
    legend: tuple[str, ...] = ()


class FigureData(Struct, tag="g", frozen=True, array_like=True):
    """A figure."""

    title: str
    axes: tuple[AxesData, ...]


@dataclass(frozen=True)
class Part:
    """A line's points in order, a cloud of points, or a group of bars with their centres `x` and heights `y`.

    `x` and `y` are float64 arrays of shape (n,). `label` is what the legend would say, "" if nothing was said.
    """

    label: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Axes:
    """One pair of axes, and what is drawn there, in the order in which it was drawn.

    `images` are float64 arrays, of shape (rows, columns) or with colours (rows, columns, 3 or 4); `legend` has the
    words of the legend, () where there is none.
    """

    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    xscale: str = "linear"
    yscale: str = "linear"
    lines: tuple[Part, ...] = ()
    points: tuple[Part, ...] = ()
    bars: tuple[Part, ...] = ()
    images: tuple[np.ndarray, ...] = ()
    legend: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure as a check sees it: its title, and its axes in the order in which they were made."""

    title: str = ""
    axes: tuple[Axes, ...] = field(default=())


def is_drawn(thing: object) -> bool:
    """Whether it is a figure of matplotlib's, or one pair of its axes."""
    figures, axes = sys.modules.get("matplotlib.figure"), sys.modules.get("matplotlib.axes")
    kinds = (getattr(figures, "Figure", None), getattr(axes, "Axes", None))
    return any(kind is not None and isinstance(thing, kind) for kind in kinds)


def encode_figure(drawn: Any) -> FigureData | str:
    """The data of a figure, or of one pair of axes as a figure; or the reason why it is not sent."""
    title, axes = "", [drawn]
    if hasattr(drawn, "get_suptitle"):
        title, axes = drawn.get_suptitle(), drawn.axes
    if len(axes) > MAX_AXES:
        return "too large"
    try:
        found = tuple(map(_encode_axes, axes))
    except OverflowError:
        return "too large"
    size = sum(
        len(part.x.data) + len(part.y.data) for each in found for part in (*each.lines, *each.points, *each.bars)
    ) + sum(len(image.data) for each in found for image in each.images)
    return FigureData(_words(title), found) if size <= MAX_TENSOR_BYTES else "too large"


def _encode_axes(axes: DrawnAxes) -> AxesData:
    from matplotlib.collections import PathCollection

    clouds = [each for each in axes.collections if isinstance(each, PathCollection)]
    groups = [each for each in axes.containers if hasattr(each, "patches")]
    if max(len(axes.lines), len(clouds), len(groups), len(axes.images)) > MAX_PARTS:
        raise OverflowError
    legend = axes.get_legend()
    texts = legend.get_texts() if legend is not None else []
    return AxesData(
        (_words(axes.get_title()), _words(axes.get_xlabel()), _words(axes.get_ylabel()),
         _words(axes.get_xscale()), _words(axes.get_yscale())),
        tuple(_encode_part(line, line.get_xdata(), line.get_ydata()) for line in axes.lines),
        tuple(_encode_part(each, *np.asarray(each.get_offsets(), dtype=float).reshape(-1, 2).T) for each in clouds),
        tuple(_encode_bars(group) for group in groups),
        tuple(_numbers(image.get_array()) for image in axes.images),
        tuple(_words(text.get_text()) for text in texts[:MAX_PARTS]),
    )  # fmt: skip


def _encode_part(part: Any, x: Any, y: Any) -> PartData:
    return PartData(_label(part), _numbers(x), _numbers(y))


def _encode_bars(group: Any) -> PartData:
    centres = [each.get_x() + each.get_width() / 2 for each in group.patches]
    return PartData(_label(group), _numbers(centres), _numbers([each.get_height() for each in group.patches]))


def _label(part: Any) -> str:
    label = _words(part.get_label())
    return "" if label.startswith("_") else label  # matplotlib's own


def _numbers(values: Any) -> ArrayData:
    """Numbers as float64; what cannot be drawn as one, such as a date, is NaN."""
    try:
        array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    except (TypeError, ValueError):
        array = np.full(np.shape(np.asarray(values, dtype=object)), np.nan)
    encoded = encode_array(np.asarray(array))
    if isinstance(encoded, str):
        raise OverflowError(encoded)
    return encoded


def _words(text: Any) -> str:
    return str(text)[:MAX_WORDS].encode("utf-8", "replace").decode()


def decode_figure(value: FigureData) -> Figure:
    """The figure. Raises ValueRejected."""
    if len(value.axes) > MAX_AXES:
        raise ValueRejected(f"{len(value.axes)} pairs of axes")
    return Figure(_words(value.title), tuple(map(_decode_axes, value.axes)))


def _decode_axes(value: AxesData) -> Axes:
    if max(map(len, (value.lines, value.points, value.bars, value.images, value.legend))) > MAX_PARTS:
        raise ValueRejected("more parts than a pair of axes can have")
    title, xlabel, ylabel, xscale, yscale = map(_words, value.words)
    return Axes(
        title, xlabel, ylabel, xscale, yscale,
        lines=tuple(map(_decode_part, value.lines)),
        points=tuple(map(_decode_part, value.points)),
        bars=tuple(map(_decode_part, value.bars)),
        images=tuple(map(_decode_numbers, value.images)),
        legend=tuple(map(_words, value.legend)),
    )  # fmt: skip


def _decode_part(value: PartData) -> Part:
    x, y = _decode_numbers(value.x), _decode_numbers(value.y)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueRejected("a part of a plot whose x and y do not fit together")
    return Part(_words(value.label), x, y)


def _decode_numbers(value: ArrayData) -> np.ndarray:
    array = decode_array(value)
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        raise ValueRejected("a plot of other numbers than float64")
    return array
