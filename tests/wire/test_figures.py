"""Figures: what a plot shows travels as numbers and words."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from autograder.wire.arrays import ArrayData, ValueRejected
from autograder.wire.figures import AxesData, Figure, FigureData, PartData, decode_figure
from autograder.wire.values import NoObjects, Opaque, decode, encode

PLAIN = NoObjects()


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def seen(drawn) -> Figure:
    return decode(encode(drawn, PLAIN), PLAIN)


def test_lines_and_words_are_seen():
    figure, axes = plt.subplots()
    figure.suptitle("training")
    axes.plot([0, 1, 2], [3.0, 2.0, 1.5], label="loss")
    axes.plot([1, 2])
    axes.set(title="eta = 0.1", xlabel="epoch", ylabel="L", yscale="log")
    axes.legend()
    shown = seen(figure)
    (there,) = shown.axes
    assert (shown.title, there.title, there.xlabel, there.ylabel) == ("training", "eta = 0.1", "epoch", "L")
    assert (there.xscale, there.yscale, there.legend) == ("linear", "log", ("loss",))
    assert [line.label for line in there.lines] == ["loss", ""]
    assert there.lines[0].x.tolist() == [0.0, 1.0, 2.0]
    assert there.lines[0].y.tolist() == [3.0, 2.0, 1.5]


def test_points_bars_and_images_are_seen():
    _, (left, middle, right) = plt.subplots(1, 3)
    left.scatter([1, 2], [3, 4], label="data")
    middle.bar(["a", "b"], [5, 7])
    right.imshow(np.arange(6).reshape(2, 3))
    points, bars, image = seen(left.figure).axes
    assert points.points[0].label == "data" and points.points[0].y.tolist() == [3.0, 4.0]
    assert bars.bars[0].x.tolist() == [0.0, 1.0] and bars.bars[0].y.tolist() == [5.0, 7.0]
    assert image.images[0].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


def test_axes_are_a_figure_of_their_own():
    _, (left, right) = plt.subplots(1, 2)
    right.set_title("right")
    assert [each.title for each in seen(right).axes] == ["right"]
    assert len(seen(left.figure).axes) == 2


def test_what_is_no_number_is_not_a_number():
    figure, axes = plt.subplots()
    axes.plot(["mon", "tue"], [1, 2])
    assert np.isnan(seen(figure).axes[0].lines[0].x).all()


def test_a_figure_that_is_too_large_says_so():
    figure, axes = plt.subplots()
    for _ in range(1001):
        axes.axhline(0)
    assert encode(figure, PLAIN) == Opaque("Figure", "too large")


ONE, TWO = ArrayData("float64", (1,), bytes(8)), ArrayData("float64", (2,), bytes(16))
WORDS = ("",) * 5


@pytest.mark.parametrize(
    "axes",
    [
        AxesData(WORDS, lines=(PartData("", ONE, TWO),)),
        AxesData(WORDS, points=(PartData("", ArrayData("float64", (1, 1), bytes(8)), ONE),)),
        AxesData(WORDS, bars=(PartData("", ArrayData("int64", (1,), bytes(8)), ONE),)),
        AxesData(WORDS, images=(ArrayData("float64", (2,), bytes(8)),)),
        AxesData(WORDS, lines=(PartData("", ONE, ONE),) * 1001),
        AxesData(WORDS, legend=("",) * 1001),
    ],
)
def test_data_that_contradicts_itself_is_refused(axes):
    with pytest.raises(ValueRejected):
        decode_figure(FigureData("", (axes,)))


def test_words_are_cut():
    shown = decode_figure(FigureData("x" * 5000, (AxesData(("y" * 5000, *WORDS[1:])),)))
    assert (len(shown.title), len(shown.axes[0].title)) == (1000, 1000)
