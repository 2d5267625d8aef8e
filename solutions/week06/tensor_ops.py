# ---
# jupyter:
#   jupytext:
#     formats: source///ipynb,solutions///py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "title", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Tensors  *(1 of 4)*
#
# A tensor is a box of numbers that knows its shape, its dtype and the device it lies on. PyTorch
# computes with whole tensors at once, on a CPU or a GPU, with an API close to NumPy's, and it
# differentiates what it computes while it computes it. This notebook is about the first half of that
# sentence, with a glimpse of the second.
#
# **You will learn** to make tensors of any rank; to replace loops by products and broadcasting; to
# mind dtype and device; and to see how PyTorch's graph grows as your code runs.
#
# **How the marks work.** Each exercise has a cell for you to fill and, below it, a cell of
# examples. The docstring says everything that your function must do. The examples are there to help
# you: they are not the whole grading. Fill the cell, run both, and go on when the examples pass.
# Before you submit, choose *Kernel → Restart Kernel and Run All Cells…*: it goes to the end
# however much is written, and the table there says which examples pass. Click on the dots of a
# collapsed cell to see how a figure is made.
#
# | exercise | what you write | points |
# |:--|:--|--:|
# | `tensors_of_each_rank` | a scalar, a vector, a matrix, a tensor | 2 |
# | `affine` | $X\mathbf w + b$ | 3 |
# | `add_bias_column` | the constant 1 beside each example | 2 |
# | `standardize` | columns of mean 0 and deviation 1 | 4 |
# | `pairwise_squared_distances` | all distances at once | 4 |
# | `one_hot` | labels as rows | 3 |
# | `to_numpy` | out of PyTorch | 2 |
# | `sum_requires_grad` | would this sum be tracked? | 2 |
# | `double_until` | a graph whose length depends on the data | 3 |
# | | | **25** |
#
# **Shapes.** $n$ examples with $m$ features each: `X` is $(n, m)$, `w` is $(m,)$. A shape such as
# $(n,)$ has one dimension; $()$ has none and is a scalar.
#
# **Devices and dtypes.** What your function makes lies on the device, and has the floating dtype,
# of what it was given. `torch.zeros(n)` does not (it is float32 on the CPU, wherever `x` lies);
# `x.new_zeros(n)` and `torch.zeros(n, device=x.device, dtype=x.dtype)` do.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from torch import Tensor


# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_style", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# # How the figures look.
# import matplotlib.pyplot as plt
# from matplotlib.colors import ListedColormap
#
# BLUE, ORANGE, GREEN, INK, GREY = "#0072B2", "#D55E00", "#009E73", "#222222", "#8A8A8A"  # distinct to colour-blind eyes too
# TINTS = ListedColormap(["#DCEBF5", "#FBE7DA", "#D9F0E8"])
#
# plt.rcParams.update({
#     "figure.dpi": 110, "figure.constrained_layout.use": True, "font.size": 10, "axes.titlesize": 11,
#     "axes.spines.top": False, "axes.spines.right": False,
# })

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "examples", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# # What the examples ask with, how figures wait for what they draw, and the table at the end.
# import contextlib
# import io
# import re
# import textwrap
#
# IMPORTED = "__file__" in globals()  # as by pytest, which runs the examples itself
# EXAMPLES = globals().get("EXAMPLES", {})  # by exercise: what runs its examples; kept if this cell runs again
# TELEPHONE = 32  # characters of a table's line, which fit on a narrow screen as well
#
#
# class Expect:
#     """What the examples ask of an answer: its type, shape, dtype and device, then its values."""
#
#     KINDS = {
#         Tensor: "a tensor", torch.nn.Parameter: "a torch.nn.Parameter", list: "a list", tuple: "a tuple",
#         dict: "a dict", bool: "a bool", int: "an int", float: "a float", str: "text", type(None): "None",
#     }
#     PLACES = {"cpu": "the CPU", "cuda": "the GPU"}
#     CUT = "The graph is cut, as by .detach(), .item(), torch.no_grad() or a new torch.tensor: no gradient flows back."
#
#     def __init__(self, exercise):
#         self.exercise = exercise
#
#     def __call__(self, received, expected, what, why="", within=0.0):
#         """Require an answer like the expected one, and equal to it, or nearer than `within`."""
#         if not hasattr(expected, "dtype"):
#             return self.same(received, expected, what, why, within)
#         self.alike(received, expected, what)
#         mine, right = torch.as_tensor(received).detach(), torch.as_tensor(expected)
#         if not mine.isfinite().all():
#             found = "NaN" if mine.isnan().any() else "infinity"
#             raise AssertionError(f"{what} should be finite; there is {found} in {self.agree(what, 'it', 'them')}.")
#         wrong = (mine - right).abs() > within
#         if wrong.any():
#             many = "" if mine.numel() == 1 else f" in {int(wrong.sum())} of {mine.numel()} elements"
#             self.differ(f"{what} {self.agree(what, 'is', 'are')} wrong{many}", mine.tolist(), right.tolist(), what, why)
#
#     def same(self, received, expected, what, why="", within=0.0):
#         """Require a plain Python value of the expected type, and equal to it."""
#         self.kind(received, type(expected), what)
#         if isinstance(expected, (list, tuple)):
#             self.items(received, len(expected), what, type(expected))
#             for place, (mine, right) in enumerate(zip(received, expected)):
#                 self.kind(mine, type(right), f"Item {place} of {what[:1].lower()}{what[1:]}")
#         right = abs(received - expected) <= within if within else received == expected
#         if not right:
#             self.differ(f"{what} {self.agree(what, 'is', 'are')} not right", received, expected, what, why)
#
#     def alike(self, received, like, what):
#         """Require the type, shape, dtype and device of `like`, whatever the values."""
#         self.kind(received, type(like), what)
#         if received.shape != like.shape:
#             raise AssertionError(f"{what} should have shape {tuple(like.shape)}, not {tuple(received.shape)}.")
#         if received.dtype != like.dtype:
#             dtypes = [str(each.dtype).removeprefix("torch.") for each in (like, received)]
#             raise AssertionError("{} should have dtype {}, not {}.".format(what, *dtypes))
#         if isinstance(like, Tensor) and received.device != like.device:
#             mine, given = (self.PLACES.get(each.device.type, f"the device {each.device.type}") for each in (received, like))
#             raise AssertionError(f"What `{self.exercise}` returns lies on {mine}, though what it was given lies on "
#                                  f"{given}: it should follow its arguments.")
#
#     def items(self, answers, count, what, kind=tuple):
#         """Require a tuple, or another kind, of so many items; and return them."""
#         self.kind(answers, kind, what, f" of {count} items")
#         if len(answers) != count:
#             raise AssertionError(f"{what} should have {count} items, not {len(answers)}.")
#         return answers
#
#     def kind(self, received, kind, what, more=""):
#         """Require a type."""
#         if type(received) is not kind:
#             said = "None (is a `return` missing?)" if received is None else self.called(type(received))
#             raise AssertionError(f"{what} should be {self.called(kind)}{more}, not {said}.")
#
#     def gradient(self, answer, x, what):
#         """The gradient of an answer's sum with respect to x; the answer has to be tracked."""
#         (slope,) = torch.autograd.grad(answer.sum(), x, allow_unused=True) if answer.requires_grad else (None,)
#         if slope is None:
#             raise AssertionError(f"{what} should be a tensor, not None: none flows back. {self.CUT}")
#         return slope
#
#     def that(self, condition, sentence):
#         """Require that something holds; the sentence says what is wrong otherwise."""
#         if not condition:
#             raise AssertionError(sentence)
#
#     def differ(self, beginning, received, expected, what, why):
#         they = self.agree(what, "It", "They")
#         told = f"{beginning}. {they} should be {self.shown(expected)}, not {self.shown(received)}. {why}"
#         raise AssertionError(told.strip())
#
#     def shown(self, value):
#         if isinstance(value, (list, tuple)):
#             return f"({', '.join(map(self.shown, value))})"
#         return f"{value:.5g}" if isinstance(value, float) else str(value)
#
#     def called(self, kind):
#         numpys = "a numpy array" if kind.__name__ == "ndarray" else f"a numpy {kind.__name__}"
#         return self.KINDS.get(kind) or (numpys if kind.__module__ == "numpy" else f"an object of type {kind.__name__}")
#
#     def agree(self, what, one, many):
#         head = re.split(r" (?:of|for|after|before|in|at|on|with|without|to|that|from|beside|when)\b|[,(`]", what)[0]
#         return many if head.endswith("s") and not re.search(r"^[Ww]hat |(?:ss|us|is|bias)$", head) else one
#
#
# def unwritten(error):
#     """What is not written yet, if that is the reason of an error; else ""."""
#     if type(error) is not NotImplementedError or error.args:
#         return ""
#     trace = error.__traceback__
#     while trace.tb_next:
#         trace = trace.tb_next
#     owner = trace.tb_frame.f_locals.get("self")  # of a method
#     return trace.tb_frame.f_code.co_name if owner is None else type(owner).__name__
#
#
# def why_not(error, exercise=""):
#     """Why some examples do not pass, or a figure cannot be drawn, in one line."""
#     name = unwritten(error)
#     if name:
#         return "not written yet" if name == exercise else f"waits for `{name}`, which is not written yet"
#     if isinstance(error, AssertionError):
#         return f"not yet. {error}"
#     return f"not yet. {type(error).__name__}: {error}".splitlines()[0]
#
#
# def examples_of(exercise, points):
#     """Run a function with examples of an exercise at once, and keep it for the table at the end."""
#     def keep(function):
#         def run_examples():
#             __tracebackhide__ = True  # it is no line of yours
#             function(Expect(exercise))
#
#         run_examples.__name__ = function.__name__
#         EXAMPLES[exercise] = run_examples
#         if IMPORTED:
#             return run_examples
#         try:
#             run_examples()
#         except Exception as error:
#             __tracebackhide__ = True
#             line = f"{exercise} ({points} points): {why_not(error, exercise)}"
#             if unwritten(error) or isinstance(error, AssertionError):  # the line says it all
#                 error._render_traceback_ = lambda: [line]
#             raise
#         print(f"{exercise} ({points} points): these examples pass.")
#         return run_examples
#
#     return keep
#
#
# def draw_with(*exercises):
#     """Show at once what a function draws or prints; or say in one line which exercise it waits for."""
#     def draw(function):
#         if IMPORTED:
#             return function
#         try:
#             function()
#         except Exception as error:  # your function may raise anything; here it becomes a line
#             plt.close("all")
#             names = " and ".join(f"`{each}`" for each in exercises)
#             needed = f"{why_not(error)}." if unwritten(error) else f"waits for a right {names}: {why_not(error)}"
#             print(f"This {needed}")
#         return function
#
#     return draw
#
#
# def below(said):
#     """What is said of a line of a table, below it and indented."""
#     options = {"initial_indent": "    ", "subsequent_indent": "    ", "break_on_hyphens": False}
#     return textwrap.fill(textwrap.shorten(said, 110, placeholder=" …"), TELEPHONE, **options)
#
#
# def show_progress(**points):
#     """Run the examples of all exercises again, quietly: a table of which pass, and the points in reach."""
#     if IMPORTED:
#         return
#     passed = []
#     print("  exercise (points)")
#     for exercise in points:
#         mark, said = "–", "not run yet: run the cell below its own"
#         try:
#             if exercise in EXAMPLES:
#                 with contextlib.redirect_stdout(io.StringIO()):
#                     EXAMPLES[exercise]()
#                 mark, said = "✓", ""
#                 passed.append(exercise)
#         except Exception as error:  # as above
#             mark, said = "–" if unwritten(error) else "✗", why_not(error, exercise)
#         print(f"{mark} {exercise} ({points[exercise]})", *([below(said)] if said else []), sep="\n")
#     reach, whole = sum(map(points.get, passed)), sum(points.values())
#     print(f"\n{len(passed)} of {len(points)} pass:\n{reach} of {whole} points are in reach.\n"
#           "The grading asks what else the\ndocstrings say.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_ranks", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Ranks  *(2 points)*
#
# The **rank** of a tensor is the number of its dimensions, `t.dim()`:
#
# | | rank | example | shape |
# |:--|:-:|:--|:--|
# | scalar | 0 | a loss | `()` |
# | vector | 1 | one example, a weight vector | `(m,)` |
# | matrix | 2 | a batch of examples | `(n, m)` |
# | tensor | 3 and more | a batch of grey images | `(n, height, width)` |
#
# Row order means that the *last* index runs fastest: a $(2, 3)$ tensor of 0 to 5 in row order is
# $\begin{pmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \end{pmatrix}$.
#
# A whole number such as `3` makes an int64 tensor; `3.0` makes a float32 one.
#
# *Something to use:* `torch.tensor`, `torch.eye`, `torch.arange`, `.reshape`.

# %% nbgrader={"grade": false, "grade_id": "tensors_of_each_rank", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def tensors_of_each_rank() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A scalar, a vector, a matrix and a tensor of rank 3, in a tuple,
    all float32 and on the CPU.

    Returns:
        The scalar 3.0, of shape (); the vector (1, 2, 3), of shape
        (3,); the 2x2 identity, (2, 2); and the numbers 0 to 23 in row
        order, (2, 3, 4).
    """
    ### BEGIN SOLUTION
    return (
        torch.tensor(3.0),
        torch.tensor([1.0, 2.0, 3.0]),
        torch.eye(2),
        torch.arange(24, dtype=torch.float32).reshape(2, 3, 4),
    )
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_tensors_of_each_rank", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("tensors_of_each_rank", points=2)
# def test_tensors_of_each_rank(expect):
#     returned = tensors_of_each_rank()
#     expect.items(returned, 4, "What tensors_of_each_rank returns")
#     scalar, vector, matrix, cube = returned
#     for tensor in returned:
#         expect.kind(tensor, Tensor, "Each of the four")
#     ranks = [tensor.dim() for tensor in returned]
#     expect.that(ranks == [0, 1, 2, 3],
#                 f"Their ranks should be 0, 1, 2, 3, not {ranks}.")
#     expect.alike(scalar, torch.empty(()), "The scalar")
#     expect.alike(vector, torch.empty(3), "The vector")
#     expect.alike(matrix, torch.empty(2, 2), "The matrix")
#     expect.alike(cube, torch.empty(2, 3, 4), "The tensor of rank 3")
#     expect.that(scalar == 3,
#                 f"The scalar should be 3, not {scalar:g}.")
#     whole = vector.tolist()
#     expect.that(whole == [1, 2, 3],
#                 f"The vector should be (1, 2, 3), not {whole}.")
#     halves = "In row order the second half of 0..23 begins with 12."
#     expect.that(cube[1, 0, 0] == 12, halves)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_affine", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. An affine function, without a loop  *(3 points)*
#
# With the examples as the rows of $X$, one product gives the weighted sum of every row, and adding a
# scalar adds it to each:
#
# $$\mathbf s = X\mathbf w + b, \qquad s_i = \sum_j X_{ij}\, w_j + b$$
#
# For $X = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$, $\mathbf w = (10, 1)$ and $b = 5$:
# $\mathbf s = (10 + 2 + 5,\; 30 + 4 + 5) = (17, 39)$.
#
# A Python loop over the rows would do the same sums one by one, hundreds of times slower: each trip
# through Python costs about as much as a thousand multiplications.

# %% nbgrader={"grade": false, "grade_id": "affine", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def affine(X: Tensor, w: Tensor, b: Tensor | float) -> Tensor:
    """X w + b for every row of X, without a Python loop.

    Args:
        X: examples, (n, m), floating.
        w: weights, (m,), with the dtype and device of X.
        b: the offset, one number: a 0-d tensor like them, or a
            Python float.

    Returns:
        The sums, (n,), with the dtype and device of X. No argument
        is changed.
    """
    ### BEGIN SOLUTION
    return X @ w + b
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_affine", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("affine", points=3)
# def test_affine(expect):
#     X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
#     w = torch.tensor([10.0, 1.0])
#     expect(affine(X, w, 5.0), torch.tensor([17.0, 39.0]), "The sums",
#            "They are in the text above.")
#     zero = torch.tensor(0.0)  # b may be a 0-d tensor
#     expect(affine(X, w, zero), torch.tensor([12.0, 34.0]),
#            "The sums for b = 0")
#     expect.alike(affine(X.double(), w.double(), 5.0), w.double(),
#                  "The sums in float64")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_add_bias_column", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. The constant 1  *(2 points)*
#
# A weight for a feature that is always 1 is an offset: $X\mathbf w + b$ becomes one product,
# $[X \;\, \mathbf 1]\,(w_1, \dots, w_m, b)$. The perceptron's notebook takes its data in this form.
#
# $$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \;\longrightarrow\; \begin{pmatrix} 1 & 2 & 1 \\ 3 & 4 & 1 \end{pmatrix}$$
#
# *Something to use:* `torch.cat([A, B], dim=1)` puts matrices side by side.

# %% nbgrader={"grade": false, "grade_id": "add_bias_column", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def add_bias_column(X: Tensor) -> Tensor:
    """X with a last column of ones.

    Args:
        X: examples, (n, m), floating. It is not changed.

    Returns:
        A tensor (n, m + 1) with the dtype and device of X.
    """
    ### BEGIN SOLUTION
    return torch.cat([X, X.new_ones(len(X), 1)], dim=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_add_bias_column", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("add_bias_column", points=2)
# def test_add_bias_column(expect):
#     X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
#     expected = torch.tensor([[1.0, 2.0, 1.0], [3.0, 4.0, 1.0]])
#     expect(add_bias_column(X), expected, "The result",
#            "The ones are the last column.")
#     expect.alike(add_bias_column(X.double()), expected.double(),
#                  "The result for float64")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_standardize", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Standardise  *(4 points)*
#
# A feature in millimetres should not outweigh one in kilometres. Standardising gives each column mean
# 0 and standard deviation 1:
#
# $$Z_{ij} = \frac{X_{ij} - \mu_j}{\sigma_j}, \qquad \mu_j = \frac1n \sum_i X_{ij}, \qquad \sigma_j^2 = \frac1n \sum_i (X_{ij} - \mu_j)^2$$
#
# This is the *population* deviation, divided by $n$. `torch.std` divides by $n - 1$ unless told
# otherwise (`correction=0`).
#
# The column $(1, 3)$ has mean 2 and deviation 1, so it becomes $(-1, 1)$. The column $(5, 5)$ has
# deviation 0, and $0/0$ is NaN: a constant column shall become 0. Rounding makes this harder than it
# looks. The mean of many copies of 0.1 need not be exactly 0.1, and then neither is the deviation
# exactly 0. So ask the column itself: are all its numbers the same?

# %% nbgrader={"grade": false, "grade_id": "standardize", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def standardize(X: Tensor) -> Tensor:
    """Each column of X shifted and scaled to mean 0 and population
    standard deviation 1.

    Args:
        X: examples, (n, m), floating, n >= 1. It is not changed.

    Returns:
        A tensor (n, m) with the dtype and device of X. A column whose
        numbers are all the same becomes exactly 0, never NaN; so does
        every column of a single example.
    """
    ### BEGIN SOLUTION
    constant = (X == X[0]).all(dim=0)  # (m,)
    deviation = X.std(dim=0, correction=0).masked_fill(constant, 1.0)  # (m,)
    return ((X - X.mean(dim=0)) / deviation).masked_fill(constant, 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_standardize", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("standardize", points=4)
# def test_standardize(expect):
#     X = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
#     Z = standardize(X)
#     expect.alike(Z, X, "The result")
#     by_one_less = (Z[:, 0].abs() - 0.7071).abs().max() < 1e-3
#     slip = "Its deviation is 1: divide by n, not by n - 1."
#     if not by_one_less:
#         slip = ""
#     expect(Z[:, 0], torch.tensor([-1.0, 1.0]),
#            "What the column (1, 3) becomes", slip)
#     expect(Z[:, 1], torch.zeros(2), "What the constant column becomes",
#            "Its deviation is 0.")
#     expect.alike(standardize(X.double()), X.double(),
#                  "The result for float64")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_pairwise_squared_distances", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. All distances at once  *(4 points)*
#
# **Broadcasting** stretches dimensions of size 1, without copying anything, until shapes agree. Line
# up the shapes from the right; each pair must be equal, or one of them 1:
#
# $$\underbrace{A[:, \text{None}, :]}_{(n,\,1,\,m)} - \underbrace{B[\text{None}, :, :]}_{(1,\,k,\,m)} \;\longrightarrow\; (n, k, m)$$
#
# Element $(i, j, \cdot)$ of the result is $\mathbf a_i - \mathbf b_j$: every difference between a row
# of $A$ and a row of $B$, and no loop in sight. Squared and summed over the features they are the
# squared distances
#
# $$D_{ij} = \lVert \mathbf a_i - \mathbf b_j \rVert^2 .$$
#
# For $A = \begin{pmatrix} 0 & 0 \\ 3 & 4 \end{pmatrix}$ and $B = \begin{pmatrix} 0 & 0 \end{pmatrix}$,
# $D = \begin{pmatrix} 0 \\ 25 \end{pmatrix}$.
#
# The textbook's $\lVert\mathbf a\rVert^2 - 2\,\mathbf a \cdot \mathbf b + \lVert\mathbf b\rVert^2$
# saves memory, but it subtracts large numbers that are nearly equal: far from the origin, equal rows
# then have a distance that is not 0, perhaps even a negative one.

# %% nbgrader={"grade": false, "grade_id": "pairwise_squared_distances", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def pairwise_squared_distances(A: Tensor, B: Tensor) -> Tensor:
    """The squared Euclidean distance of every row of A to
    every row of B.

    Args:
        A: n points, (n, m), floating.
        B: k points, (k, m), with the dtype and device of A.

    Returns:
        Distances (n, k) with the dtype and device of A: never
        negative, exactly 0 for equal rows, also where the coordinates
        are large. No argument is changed.
    """
    ### BEGIN SOLUTION
    difference = A[:, None, :] - B[None, :, :]  # (n, k, m)
    return difference.square().sum(dim=-1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pairwise_squared_distances", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("pairwise_squared_distances", points=4)
# def test_pairwise_squared_distances(expect):
#     A = torch.tensor([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]])
#     B = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
#     D = pairwise_squared_distances(A, B)
#     expect.alike(D, torch.empty(3, 2), "The distances")
#     expect(D[:, 0], torch.tensor([0.0, 25.0, 1.0]),
#            "The squared distances to the origin")
#     apart = "They are 4 + 16 = 20 apart."
#     expect(D[1, 1], torch.tensor(20.0),
#            "The squared distance of (3, 4) and (1, 0)", apart)
#     far = torch.tensor([[1000.1, 2000.2]])
#     zero = "Equal rows are exactly 0 apart, far from the origin too."
#     expect(pairwise_squared_distances(far, far), torch.zeros(1, 1),
#            "The distance", zero)

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_distances", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Where broadcasting helps
#
# The left figure shows the shapes at work; the right one uses *your* function. Every pixel is
# coloured by the nearest of three centres: 40 000 points against 3 centres, 120 000 distances in one
# expression.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_broadcasting", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("pairwise_squared_distances")
# def figure_broadcasting():
#     fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.9), width_ratios=[1, 1])
#
#     def block(ax, x, y, columns, rows, colour, label):
#         """A grid of cells with its lower left corner at (x, y)."""
#         for i in range(columns):
#             for j in range(rows):
#                 ax.add_patch(plt.Rectangle((x + i, y + j), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.5))
#         ax.text(x + columns / 2, y + rows + 0.35, label, ha="center", fontsize=9, color=INK)
#
#     block(left, 0, 0, 1, 4, BLUE, "A[:, None]\n(4, 1, m)")
#     left.text(1.9, 2, "$-$", ha="center", va="center", fontsize=16)
#     block(left, 2.8, 3, 3, 1, ORANGE, "B[None]\n(1, 3, m)")
#     left.text(6.7, 2, "$=$", ha="center", va="center", fontsize=16)
#     for i in range(4):
#         for j in range(3):
#             left.add_patch(plt.Rectangle((7.6 + j, i), 1, 1, facecolor=BLUE, edgecolor="white", linewidth=1.5))
#             left.add_patch(plt.Polygon([(7.6 + j, i), (8.6 + j, i), (8.6 + j, i + 1)], facecolor=ORANGE, edgecolor="white"))
#     left.text(9.1, 4.35, "all differences\n(4, 3, m)", ha="center", fontsize=9, color=INK)
#     left.set(xlim=(-0.4, 11), ylim=(-0.6, 5.9), aspect="equal", title="A dimension of size 1 is stretched")
#     left.axis("off")
#
#     centres = torch.tensor([[-1.5, -0.5], [1.2, 1.4], [1.0, -1.6]])
#     ticks = torch.linspace(-3, 3, 200)
#     x2, x1 = torch.meshgrid(ticks, ticks, indexing="ij")
#     pixels = torch.stack([x1, x2], dim=-1).reshape(-1, 2)  # (40000, 2)
#     try:
#         nearest = pairwise_squared_distances(pixels, centres).argmin(dim=1)
#         right.imshow(nearest.reshape(200, 200), extent=(-3, 3, -3, 3), origin="lower", cmap=TINTS)
#         for centre, colour in zip(centres, [BLUE, ORANGE, GREEN]):
#             right.plot(*centre, "o", color=colour, markersize=9, markeredgecolor="white")
#         right.set(xlabel="$x_1$", ylabel="$x_2$", title="Each pixel belongs to its nearest centre")
#     except NotImplementedError:
#         right.axis("off")
#         right.text(0.5, 0.5, "waits for\npairwise_squared_distances", ha="center", va="center", color=INK)
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_one_hot", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. One-hot rows  *(3 points)*
#
# A label is a name, not a quantity: class 2 is not twice class 1. So a label $c$ becomes a row with a 1
# in column $c$ and 0 elsewhere. For three classes,
#
# $$(2, 0) \;\longrightarrow\; \begin{pmatrix} 0 & 0 & 1 \\ 1 & 0 & 0 \end{pmatrix}.$$
#
# Indexing in Python forgives a negative index: column $-1$ is the last. A label $-1$ is an error all
# the same, so look at the labels before you use them.

# %% nbgrader={"grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    """A row for each label: 1 in the label's column, 0 elsewhere.

    Args:
        labels: int64, (n,), each from 0 to num_classes - 1; n may be
            0. They are not changed.
        num_classes: the number of columns.

    Returns:
        A float32 tensor (n, num_classes) on the device of the labels.

    Raises:
        ValueError: a label is negative, or is num_classes or more.
    """
    ### BEGIN SOLUTION
    if bool(((labels < 0) | (labels >= num_classes)).any()):
        raise ValueError(f"labels must be from 0 to {num_classes - 1}")
    classes = torch.arange(num_classes, device=labels.device)
    return (labels[:, None] == classes).to(torch.float32)  # (n, 1) against (num_classes,)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_one_hot", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("one_hot", points=3)
# def test_one_hot(expect):
#     expected = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
#     each = "Each row has its 1 in its label's column."
#     expect(one_hot(torch.tensor([2, 0]), 3), expected, "The rows",
#            each)
#     for wrong in (3, -1):
#         try:
#             one_hot(torch.tensor([0, wrong]), 3)
#         except ValueError:
#             continue
#         expect.that(False, f"With three classes the label {wrong} "
#                            "should raise a ValueError.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_to_numpy", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 7. Out of PyTorch  *(2 points)*
#
# Matplotlib, scikit-learn and pandas want NumPy's arrays. A tensor has two things that an array has
# not, and each must be taken off:
#
# - it may be part of a graph (`requires_grad`); `.numpy()` then refuses;
# - it may lie on a GPU, whose memory NumPy cannot read.
#
# What is left, plain numbers on the CPU, becomes an array.

# %% nbgrader={"grade": false, "grade_id": "to_numpy", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def to_numpy(x: Tensor) -> np.ndarray:
    """The numbers of a tensor as a NumPy array.

    Args:
        x: any tensor: of any shape and dtype that NumPy has, with or
            without requires_grad, on the CPU or on an accelerator. Its
            values, device and requires_grad are not changed.

    Returns:
        An array with the shape, the dtype and the values of x.
    """
    ### BEGIN SOLUTION
    return x.detach().cpu().numpy()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_to_numpy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("to_numpy", points=2)
# def test_to_numpy(expect):
#     x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
#     expect(to_numpy(x), np.array([[1, 2], [3, 4]], dtype=np.float32),
#            "The array")
#     tracked = torch.tensor([1.0, 2.0], requires_grad=True)
#     array = np.array([1, 2], dtype=np.float32)
#     expect(to_numpy(tracked), array,
#            "The array of a tensor that requires grad")
#     expect.that(tracked.requires_grad,
#                 "The tensor itself should go on requiring grad.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_sum_requires_grad", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 8. What is tracked  *(2 points)*
#
# PyTorch records an operation if one of its inputs has `requires_grad`, and its result then has it
# too. The workshop's example: `x` and `y` are plain, `z` requires grad.
#
# | | | requires grad? |
# |:--|:--|:-:|
# | `a = x + y` | two plain tensors | no |
# | `b = a + z` | a plain one and `z` | yes |
#
# One tracked part is enough. And the question can be answered before anything is added.

# %% nbgrader={"grade": false, "grade_id": "sum_requires_grad", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def sum_requires_grad(*tensors: Tensor) -> bool:
    """Whether the sum of the tensors would be tracked by autograd,
    without computing it.

    Args:
        *tensors: any number of them, of any shapes, that need not even
            fit together. None is changed.

    Returns:
        True if at least one requires grad, else False; False for no
        tensors at all. (Autograd is on.)
    """
    ### BEGIN SOLUTION
    return any(tensor.requires_grad for tensor in tensors)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sum_requires_grad", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("sum_requires_grad", points=2)
# def test_sum_requires_grad(expect):
#     x, y = torch.ones(2), torch.ones(2)
#     z = torch.ones(2, requires_grad=True)
#     expect(sum_requires_grad(x, y), False, "The answer for x + y",
#            "Both are plain.")
#     expect(sum_requires_grad(x, y, z), True,
#            "The answer for x + y + z", "z requires grad.")
#     tracked = "What is computed from z is tracked, too."
#     expect(sum_requires_grad(x * z), True, "The answer for x * z",
#            tracked)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_double_until", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 9. A graph that the data decides  *(3 points)*
#
# A **static** graph, TensorFlow's classic model, is defined first and executed later: nodes are
# operations, edges are tensors, and every example runs through the same graph. PyTorch's graph is
# **dynamic**: its record is made each time an operation runs. So each example can have a computation
# of its own, and control flow is Python's own `if` and `while`. (At
# [playground.tensorflow.org](https://playground.tensorflow.org) you can change the inputs, the
# features and the rate of a network, and watch its boundary and loss move as it learns.)
#
# Take $\mathbf x = (3, 4)$, whose norm is 5, and the threshold 18:
#
# | doublings | $\mathbf x$ | norm |
# |:-:|:-:|--:|
# | 0 | $(3, 4)$ | 5 |
# | 1 | $(6, 8)$ | 10 |
# | 2 | $(12, 16)$ | 20 |
#
# Two doublings are needed, so the result is $2^2\,\mathbf x$, and the gradient of its sum with respect
# to each $x_i$ is $2^2 = 4$. Had $\mathbf x$ been $(0.3, 0.4)$, the graph would have been longer. And
# $\mathbf 0$ could be doubled for ever: it stays as it is.

# %% nbgrader={"grade": false, "grade_id": "double_until", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def double_until(x: Tensor, threshold: float) -> Tensor:
    """Double x until its Euclidean norm is at least the threshold.

    Args:
        x: a vector, (m,), floating; with or without requires_grad. It
            is not changed.
        threshold: any number. A vector that has reached it already is
            not doubled.

    Returns:
        2^k x, (m,), with the dtype and device of x, for the
        smallest k >= 0 that reaches the threshold; the gradient of
        its sum is 2^k for each element of x. The zero vector is
        returned as it is.
    """
    ### BEGIN SOLUTION
    while 0 < x.norm() < threshold:
        x = 2 * x
    return x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_double_until", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("double_until", points=3)
# def test_double_until(expect):
#     x = torch.tensor([3.0, 4.0], requires_grad=True)
#     doubled = double_until(x, 18.0)
#     expect(doubled, torch.tensor([12.0, 16.0]), "The doubled vector",
#            "It ends the table.")
#     slope = expect.gradient(doubled, x, "The gradient of the sum")
#     expect(slope, torch.tensor([4.0, 4.0]), "The gradient of the sum",
#            "Two doublings make it 4.")
#     reached = "A norm of exactly the threshold is enough."
#     y = torch.tensor([3.0, 4.0])
#     expect(double_until(y, 5.0), torch.tensor([3.0, 4.0]),
#            "The vector", reached)
#     expect(double_until(torch.zeros(2), 1.0), torch.zeros(2),
#            "The vector 0", "0 stays 0.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_double_until", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### The graph's length depends on the data
#
# Each dot is one vector. PyTorch's record of what happened to it has one multiplication for each
# doubling, and the gradient, $2^k$, tells how many there were. No static graph has a length for all of
# them.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_graph_length", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("double_until")
# def figure_graph_length():
#     radii = torch.logspace(-2, 2, 60)
#     gradients = []
#     for radius in radii:
#         x = (radius * torch.tensor([0.6, 0.8])).requires_grad_()
#         (gradient,) = torch.autograd.grad(double_until(x, 10.0).sum(), x)
#         gradients.append(gradient[0])
#     doublings = torch.stack(gradients).log2()
#
#     fig, ax = plt.subplots(figsize=(6.2, 3.1))
#     ax.step(radii, doublings, where="mid", color=GREY, linewidth=0.8)
#     ax.plot(radii, doublings, "o", color=BLUE, markersize=4)
#     ax.axvline(10, color=ORANGE, linewidth=1.2)
#     ax.text(11, doublings.max(), "threshold", color=ORANGE, va="top")
#     ax.set(xscale="log", xlabel=r"$\Vert \mathbf{x} \Vert$", ylabel="doublings recorded", title="The smaller the vector, the longer its graph")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_devices", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## On any device
#
# A function is **device-agnostic** if what it makes lies where its inputs lie, on the CPU or on a GPU, so
# that the same code runs on both. It never names a device of its own: `torch.zeros(3)` lies on the default
# device wherever `x` is, while `x.new_zeros(3)` and `torch.zeros(3, device=x.device)` follow `x`.
#
# The table below shows for each of your functions where its answer lies: on a GPU, if CUDA is here, and
# else on the CPU. On the CPU alone a forgotten device would not show, since everything lies there anyway. So
# each function is called a second time, with `"meta"` for PyTorch's default device: a tensor there has a
# shape and no numbers, and whatever was made without saying where is found out. (A GPU forgives that for a
# single number, 0-d; better not to need it.)

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "device_table", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# def find_device():
#     """A GPU, if CUDA is here and works; else the CPU."""
#     try:
#         return str(torch.zeros(1, device="cuda").device)
#     except (AssertionError, RuntimeError):  # PyTorch has no CUDA; the machine has none
#         return "cpu"
#
# def whereabouts(answer):
#     """The devices of the tensors in an answer."""
#     if isinstance(answer, (tuple, list)):
#         return set().union(*map(whereabouts, answer))
#     return {str(answer.device)} if isinstance(answer, Tensor) else set()
#
# def forgets_the_device(call):
#     """Whether a call makes a tensor without saying where."""
#     try:
#         with torch.device("meta"):
#             return "meta" in whereabouts(call())
#     except Exception:  # numbers were asked of a tensor that has none, or the two devices were mixed
#         return True
#
# def look(name, call, home):
#     """Where the answer to a call of a function lies, and a verdict."""
#     try:
#         answer = call()
#     except NotImplementedError as error:
#         return "–", why_not(error, name)
#     except Exception as error:  # your function may raise anything; here it becomes a line
#         return "–", f"{type(error).__name__}: {error}".splitlines()[0][:90]
#     devices = whereabouts(answer)
#     if not devices:
#         return "–", f"no tensor, but: {type(answer).__name__}{' (is a `return` missing?)' * (answer is None)}"
#     if devices != {home}:
#         return ", ".join(sorted(devices)), "it should lie where its inputs lie"
#     if home == "cpu" and forgets_the_device(call):
#         return home, "makes a tensor without saying where"
#     return home, "ok"
#
# def show_devices(make_calls):
#     """A table: where the inputs lie, then of each function where its answer lies, and a verdict."""
#     home = find_device()
#     print("There is no CUDA here:" if home == "cpu" else "CUDA is here:", f"the inputs lie on {home}.\n", sep="\n")
#     looks = {name: look(name, call, home) for name, call in make_calls(home).items()}
#     width = max((len(name) for name in looks if len(name) <= TELEPHONE - 11), default=8) + 2
#     print(f"{'function':{width}}answer on")
#     for name, (answer, verdict) in looks.items():
#         head = f"{name:{width}}" if len(name) < width else f"{name}\n{'':{width}}"  # a long name has its own line
#         print(f"{head}{answer:7}ok" if verdict == "ok" else f"{head}{answer}\n{below(verdict)}")

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "devices", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# def make_calls(home):
#     """A call of each function that has tensors for inputs, on the device `home`, and makes tensors."""
#     X = torch.tensor([[2.0, 1.0], [-1.0, 1.0]], device=home)
#     w = torch.tensor([0.5, -1.0], device=home)
#     return {
#         "affine": lambda: affine(X, w, 5.0),
#         "add_bias_column": lambda: add_bias_column(X),
#         "standardize": lambda: standardize(X),
#         "pairwise_squared_distances": lambda: pairwise_squared_distances(X, X),
#         "one_hot": lambda: one_hot(torch.tensor([2, 0], device=home), 3),
#         "to_numpy": lambda: torch.from_numpy(to_numpy(X.clone().requires_grad_())).to(home),  # there and back
#         "double_until": lambda: double_until(w, 18.0),
#     }
#
# if not IMPORTED:
#     show_devices(make_calls)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_progress", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Where you stand
#
# The table runs the examples of all exercises once more. Run its cell whenever you want to know.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "progress", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# show_progress(
#     tensors_of_each_rank=2, affine=3, add_bias_column=2,
#     standardize=4, pairwise_squared_distances=4, one_hot=3,
#     to_numpy=2, sum_requires_grad=2, double_until=3,
# )
