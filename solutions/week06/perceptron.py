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
# # The perceptron  *(3 of 4)*
#
# A perceptron weighs its inputs, adds them up and answers yes or no. It learns from its mistakes
# alone: where it is right, nothing moves. You will write it in PyTorch, watch its boundary turn
# with every mistake, and see why it must stop on some data and never does on others.
#
# **You will learn** to write a step function for a whole tensor at once; to classify one example or
# a thousand with the same line of code; to turn a learning rule into a loop; and to measure how
# well a boundary separates two classes.
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
# | `activation` | the step $f(s)$ | 4 |
# | `predict` | labels from weights | 4 |
# | `update` | the learning rule, one step | 6 |
# | `train` | passes over the data | 7 |
# | `margin` | how well $\mathbf w$ separates the data | 4 |
# | | | **25** |
#
# **Shapes.** $n$ examples with $m$ features each: `X` is $(n, m)$, `w` is $(m,)$, `y` is $(n,)$
# with labels $-1$ and $+1$. The last feature is always the constant 1.
#
# **Devices and dtypes.** What your function makes lies on the device, and has the floating dtype,
# of what it was given. `torch.zeros(n)` does not (it is float32 on the CPU, wherever `x` lies);
# `x.new_zeros(n)` and `torch.zeros(n, device=x.device, dtype=x.dtype)` do.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch
from torch import Tensor


# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_style", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# # How the figures look.
# import matplotlib.pyplot as plt
# from matplotlib.colors import ListedColormap
#
# BLUE, ORANGE, INK, GREY = "#0072B2", "#D55E00", "#222222", "#8A8A8A"  # distinct to colour-blind eyes too
# TINTS = ListedColormap(["#FBE7DA", "#DCEBF5"])  # the two sides of a boundary: -1 and +1
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

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_neuron", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## One neuron
#
# An example with two features, $x_1$ and $x_2$, gets a third input that is always 1. The weight of
# that constant is the **bias** $w_0$: it moves the boundary off the origin without a special case
# in any formula.
#
# $$s = w_1 x_1 + w_2 x_2 + w_0 \cdot 1 = \mathbf w \cdot \mathbf x, \qquad \hat y = f(s)$$
#
# Our constant is the *last* feature, so the bias is the last weight: $\mathbf w = (w_1, w_2, w_0)$.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_neuron", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with()
# def figure_neuron():
#     fig, ax = plt.subplots(figsize=(7, 3.1))
#     ax.set(xlim=(-0.6, 7.9), ylim=(-0.3, 4.3), aspect="equal")
#     ax.axis("off")
#
#     def node(x, y, text, colour, radius=0.42):
#         ax.add_patch(plt.Circle((x, y), radius, facecolor="white", edgecolor=colour, linewidth=2, zorder=3))
#         ax.text(x, y, text, ha="center", va="center", fontsize=13, color=colour, zorder=4)
#
#     def arrow(start, end):
#         ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0})
#
#     for name, weight, height, colour in [("$x_1$", "$w_1$", 3.6, INK), ("$x_2$", "$w_2$", 2.0, INK), ("$1$", "$w_0$", 0.4, ORANGE)]:
#         start, end = (0.42, height), (3.0, 2.0 + 0.1 * (height - 2.0))
#         node(0, height, name, colour)
#         arrow(start, end)
#         ax.text(1.5, height + 0.42 * (end[1] - height), weight, ha="center", va="center", fontsize=13, color=colour,
#                 bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
#     node(3.4, 2.0, r"$\Sigma$", INK)
#     arrow((3.82, 2.0), (5.18, 2.0))
#     ax.text(4.5, 2.27, "$s$", ha="center", fontsize=13, color=INK)
#     node(5.6, 2.0, "$f$", BLUE)
#     arrow((6.02, 2.0), (7.2, 2.0))
#     ax.text(7.45, 2.0, r"$\hat{y}$", ha="center", va="center", fontsize=14, color=BLUE)
#     ax.text(0.65, 0.1, "the constant input; its weight is the bias", fontsize=9, color=ORANGE, va="center")
#     ax.set_title("A weighted sum, then a step")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_activation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. The activation function  *(4 points)*
#
# $$f(s) = \begin{cases} +1 & \text{if } s \ge 0 \\ -1 & \text{otherwise} \end{cases}$$
#
# The step must choose a side at 0, and ours chooses $+1$. `torch.sign` chooses neither: it gives 0
# there.
#
# | $s$ | $-2$ | $-0.1$ | $0$ | $3$ |
# |:--|--:|--:|--:|--:|
# | $f(s)$ | $-1$ | $-1$ | $+1$ | $+1$ |
# | `torch.sign(s)` | $-1$ | $-1$ | $0$ | $+1$ |
#
# This single point decides much: with $\mathbf w = \mathbf 0$, where training starts, *every* $s$
# is 0.
#
# *Something to use:* a comparison such as `s >= 0` compares every element; `torch.where` chooses
# elementwise.

# %% nbgrader={"grade": false, "grade_id": "activation", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def activation(s: Tensor) -> Tensor:
    """The perceptron's step: f(s) = +1 if s >= 0, and -1 otherwise,
    elementwise.

    Args:
        s: floating, of any shape, a 0-d tensor included. It is
            not changed.

    Returns:
        +1 or -1 for each element, never 0; f(0) = +1. The shape,
        floating dtype and device are those of s.
    """
    ### BEGIN SOLUTION
    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_activation", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("activation", points=4)
# def test_activation(expect):
#     s = torch.tensor([-2.0, 0.0, 3.0])
#     labels = activation(s)
#     expect.alike(labels, s, "f(s)")
#     expect(labels[[0, 2]], torch.tensor([-1.0, 1.0]),
#            "f(s) for s = -2 and s = 3")
#     expect(labels[1], torch.tensor(1.0), "f(0)",
#            "It is +1, unlike torch.sign, which gives 0.")
#     expect.alike(activation(s.double()), s.double(),
#                  "f(s) for float64 scores")
#     one = activation(torch.tensor(-0.5))
#     expect(one, torch.tensor(-1.0), "f(-0.5), of a 0-d tensor,")

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_activation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# The figure draws *your* function. The filled dot is $f(0)$; were it in the middle, `torch.sign`
# would be at work.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_activation", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("activation")
# def figure_activation():
#     left, right = torch.linspace(-3, -1e-3, 50), torch.linspace(1e-3, 3, 50)
#
#     fig, ax = plt.subplots(figsize=(5.6, 2.9))
#     for side in (left, right):
#         ax.plot(side, activation(side), color=BLUE, linewidth=2.5)
#     ax.plot(0, -1, "o", markersize=8, markerfacecolor="white", markeredgecolor=BLUE, markeredgewidth=2)
#     ax.plot(0, activation(torch.tensor(0.0)), "o", markersize=8, color=BLUE)
#     ax.annotate("$f(0) = +1$", (0, 1), (-1.9, 0.55), color=INK, va="center",
#                 arrowprops={"arrowstyle": "->", "color": INK, "shrinkB": 7})
#     ax.axhline(0, color=GREY, linewidth=0.6)
#     ax.set(xlabel="score $s$", ylabel="$f(s)$", yticks=[-1, 0, 1], ylim=(-1.35, 1.35), title="At $s = 0$ the answer is already $+1$")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_predict", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. Predict  *(4 points)*
#
# A perceptron's answer is the side of its boundary on which $\mathbf x$ lies:
#
# $$\hat y = f(\mathbf w \cdot \mathbf x)$$
#
# The boundary itself is where $\mathbf w \cdot \mathbf x = 0$; for two features, a line in the
# plane. Take $\mathbf w = (1, -3, 0.5)$, so $w_1 = 1$, $w_2 = -3$ and the bias is $w_0 = 0.5$:
#
# | $\mathbf x$ | $\mathbf w \cdot \mathbf x$ | $\hat y$ |
# |:--|:--|--:|
# | $(2, 1, 1)$ | $2 - 3 + 0.5 = -0.5$ | $-1$ |
# | $(4, 1, 1)$ | $4 - 3 + 0.5 = \phantom{-}1.5$ | $+1$ |
# | $(2.5, 1, 1)$ | $2.5 - 3 + 0.5 = \phantom{-}0$ | $+1$ |
#
# With the examples as the rows of `X`, one product gives all scores: row $i$ of $X\mathbf w$ is
# $\mathbf x_i \cdot \mathbf w$. PyTorch's `@` also takes a single example, for which the score is a
# 0-d tensor.

# %% nbgrader={"grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def predict(w: Tensor, X: Tensor) -> Tensor:
    """The label f(w . x) of each example: the product, then the step.

    Args:
        w: weights, (m,); the last is the bias.
        X: examples, (n, m), or one example, (m,); the last feature is
            the constant 1.

    Returns:
        Labels in {-1, +1}: (n,) for a batch, 0-d for one example; +1
        on the boundary, w . x = 0. They have the floating dtype and
        the device of X. Neither w nor X is changed.
    """
    ### BEGIN SOLUTION
    return activation(X @ w)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_predict", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("predict", points=4)
# def test_predict(expect):
#     w = torch.tensor([1.0, -3.0, 0.5])
#     X = torch.tensor([[2.0, 1.0, 1.0], [4.0, 1.0, 1.0],
#                       [2.5, 1.0, 1.0]])
#     labels = predict(w, X)
#     expect.alike(labels, X[:, 0], "The labels")
#     scores = "The scores are -0.5 and 1.5."
#     expect(labels[:2], torch.tensor([-1.0, 1.0]),
#            "The labels of the first two examples", scores)
#     boundary = ("The third example lies on the boundary, w . x = 0, "
#                 "and f(0) = +1.")
#     expect(labels[2], torch.tensor(1.0),
#            "The label of the third example", boundary)
#     expect.alike(predict(w, X[0]), torch.tensor(1.0),
#                  "The label of one example")
#     expect.alike(predict(w.double(), X.double()), X[:, 0].double(),
#                  "The labels in float64")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_update", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. Learn from one mistake  *(6 points)*
#
# The perceptron sees an example $\mathbf x_t$, predicts
# $\hat y_t = f(\mathbf w_t \cdot \mathbf x_t)$, and is then told the label $y_t$:
#
# $$\mathbf w_{t+1} = \begin{cases}
# \mathbf w_t + \eta\, y_t\, \mathbf x_t & \text{if } \hat y_t \ne y_t \quad \text{(a mistake)} \\
# \mathbf w_t & \text{otherwise}
# \end{cases}$$
#
# The **learning rate** $\eta > 0$ is the length of the step; the plain form has $\eta = 1$. For
# example, from $\mathbf w = (0, 0, 0)$ with $\mathbf x = (2, 1, 1)$ and $y = -1$:
#
# 1. The score is 0, so $\hat y = f(0) = +1$. The label is $-1$: a mistake.
# 2. $\mathbf w \leftarrow (0, 0, 0) + 1 \cdot (-1) \cdot (2, 1, 1) = (-2, -1, -1)$.
# 3. The score of the same $\mathbf x$ is now $-4 - 1 - 1 = -6$: on the right side.
#
# Why does the step help? Multiply the new score by the label, and remember that $y^2 = 1$:
#
# $$y\,(\mathbf w + \eta\, y\, \mathbf x) \cdot \mathbf x = y\,(\mathbf w \cdot \mathbf x) + \eta\,\lVert \mathbf x \rVert^2 .$$
#
# Each step on an example moves its score towards its label by $\eta \lVert \mathbf x\rVert^2$; here
# $2^2 + 1^2 + 1^2 = 6$.
#
# **Mind the caller's weights.** `w += ...` writes into the tensor that you were given, so the
# caller's `w` changes too. `w + ...` makes a new one.

# %% nbgrader={"grade": false, "grade_id": "update", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def update(
    w: Tensor, x: Tensor, y: Tensor | float, eta: float = 1.0
) -> Tensor:
    """One step of the perceptron rule: w + eta * y * x on a mistake,
    else w.

    Args:
        w: weights, (m,). They are not changed; nor is x.
        x: one example, (m,); the last feature is the constant 1.
        y: its label, -1 or +1: a 0-d tensor or a plain number.
        eta: the learning rate, positive; 1 where it is not given.

    Returns:
        The next weights, (m,), with the dtype and device of w. Where
        f(w . x) equals y, nothing moves: they have the values of w (w
        itself or a copy). A score of 0 predicts +1.
    """
    ### BEGIN SOLUTION
    if predict(w, x) == y:
        return w.clone()
    return w + eta * (y * x)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_update", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("update", points=6)
# def test_update(expect):
#     w, x = torch.zeros(3), torch.tensor([2.0, 1.0, 1.0])
#     w_next = update(w, x, -1)
#     mistake = "w = 0 predicts +1; for y = -1 they are -x."
#     expect(w_next, torch.tensor([-2.0, -1.0, -1.0]), "The new weights",
#            mistake)
#     in_place = ("The argument `w` was changed in place; compute a "
#                 "new tensor instead.")
#     expect.that(torch.equal(w, torch.zeros(3)), in_place)
#     right = "w = 0 predicts +1, and that is right, so nothing moves."
#     expect(update(w, x, torch.tensor(1.0)), torch.zeros(3),
#            "The new weights for y = +1", right)
#     half = torch.tensor([-1.0, -0.5, -0.5])
#     expect(update(w, x, -1, eta=0.5), half,
#            "The new weights for eta = 0.5", "The step is halved.")
#     after = ("x is on its right side now, so a second update moves "
#              "nothing.")
#     expect(update(w_next, x, -1), torch.tensor([-2.0, -1.0, -1.0]),
#            "The new weights", after)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_train", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Train  *(7 points)*
#
# Training applies the rule to one example after another, in the order of the rows:
#
# > $\mathbf w_1 \leftarrow \mathbf w_0$, typically $\mathbf 0$. For $t = 1, \dots, T$: receive
# > $\mathbf x_t$; predict $\hat y_t = f(\mathbf w_t \cdot \mathbf x_t)$; receive $y_t$; on a
# > mistake $\mathbf w_{t+1} \leftarrow \mathbf w_t + \eta\, y_t\, \mathbf x_t$, else
# > $\mathbf w_{t+1} \leftarrow \mathbf w_t$. Return $\mathbf w_{T+1}$.
#
# One pass over all rows is an **epoch**. A pass without a mistake ends the training early: the
# weights did not move, so another pass would be exactly the same.
#
# Follow it by hand with one feature, $x = 1$ of class $-1$ and $x = 4$ of class $+1$, and the
# constant 1 beside each:
#
# | pass | $\mathbf x$ | $y$ | $\mathbf w \cdot \mathbf x$ | $\hat y$ | | next $\mathbf w$ |
# |:-:|:-:|:-:|:-:|:-:|:--|:-:|
# | 1 | $(1, 1)$ | $-1$ | $0$ | $+1$ | mistake | $(-1, -1)$ |
# | 1 | $(4, 1)$ | $+1$ | $-5$ | $-1$ | mistake | $(3, 0)$ |
# | 2 | $(1, 1)$ | $-1$ | $3$ | $+1$ | mistake | $(2, -1)$ |
# | 2 | $(4, 1)$ | $+1$ | $7$ | $+1$ | | $(2, -1)$ |
# | 3 | $(1, 1)$ | $-1$ | $1$ | $+1$ | mistake | $(1, -2)$ |
# | 3 | $(4, 1)$ | $+1$ | $2$ | $+1$ | | $(1, -2)$ |
# | 4 | $(1, 1)$ | $-1$ | $-1$ | $-1$ | | $(1, -2)$ |
# | 4 | $(4, 1)$ | $+1$ | $2$ | $+1$ | | $(1, -2)$ |
#
# The mistakes per pass are `[2, 1, 1, 0]`, and $\mathbf w = (1, -2)$ puts the boundary where
# $x - 2 = 0$: between the two classes. A loop over the examples is right here: each prediction
# needs the weights that the example before it left behind.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def train(
    X: Tensor, y: Tensor, w: Tensor | None = None,
    eta: float = 1.0, epochs: int = 1
) -> tuple[Tensor, list[int]]:
    """The perceptron algorithm: at most `epochs` passes over the
    rows, in order.

    Args:
        X: examples, (n, m); the last column is already the constant 1,
            so none is added.
        y: labels in {-1, +1}, (n,).
        w: the weights to start from, (m,); None stands for zeros. X, y
            and w are not changed.
        eta: the learning rate, positive.
        epochs: the largest number of passes. Training stops after the
            first pass without a mistake.

    Returns:
        The weights, (m,), with the dtype and device of X, requiring no
        gradient; and the number of mistakes in each pass made, as a
        list of Python ints, a last pass without a mistake included
        (0). With epochs=0, the starting weights and [].
    """
    ### BEGIN SOLUTION
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes: list[int] = []
    for _ in range(epochs):
        wrong = 0
        for x_t, y_t in zip(X, y, strict=True):
            wrong += int(predict(w, x_t) != y_t)
            w = update(w, x_t, y_t, eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w.detach(), mistakes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("train", points=7)
# def test_train(expect):
#     X = torch.tensor([[1.0, 1.0], [4.0, 1.0]])
#     y = torch.tensor([-1.0, 1.0])
#     w, mistakes = expect.items(train(X, y), 2,
#                                "What train returns, (w, mistakes),")
#     one = "One pass is the default; it is the table's first."
#     expect(w, torch.tensor([3.0, 0.0]), "The weights after one pass",
#            one)
#     expect(mistakes, [2], "The list of mistakes",
#            "The first pass makes two.")
#
#     w, mistakes = expect.items(train(X, y, epochs=10), 2,
#                                "What train returns, (w, mistakes),")
#     stop = "Training stops after the first pass without a mistake."
#     expect(mistakes, [2, 1, 1, 0], "The list of mistakes", stop)
#     expect(w, torch.tensor([1.0, -2.0]), "The final weights",
#            "They end the table.")
#
#     start = torch.tensor([3.0, 0.0])
#     returned = train(X, y, w=start, epochs=10)
#     w, mistakes = expect.items(returned, 2,
#                                "What train returns, (w, mistakes),")
#     second = "From w = (3, 0), the table's second pass comes first."
#     expect(mistakes, [1, 1, 0], "The list of mistakes", second)
#     expect(w, torch.tensor([1.0, -2.0]), "The final weights", second)
#     in_place = ("The argument `w` was changed in place; compute a "
#                 "new tensor instead.")
#     expect.that(start.tolist() == [3, 0], in_place)

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "drawing", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# def follow(X, y, w, eta, passes):
#     """Every mistake by your `update`, as (pass, row, w before, w after); and the number of them in each pass."""
#     steps, counts = [], []
#     while len(counts) < passes and (not counts or counts[-1] > 0):
#         before = len(steps)
#         for row in range(len(X)):
#             w_next = update(w.clone(), X[row], y[row], eta)
#             if not isinstance(w_next, Tensor) or w_next.shape != w.shape or not w_next.isfinite().all():
#                 raise ValueError(f"update should give {len(w)} finite weights, not {w_next}")
#             if not torch.equal(w_next, w):
#                 steps.append((len(counts) + 1, row, w, w_next))
#             w = w_next
#         counts.append(len(steps) - before)
#     return steps, counts
#
# def draw_sides(ax, w, reach=4.2):
#     """Tint the plane by the label that w predicts."""
#     ticks = torch.linspace(-reach, reach, 150)
#     x2, x1 = torch.meshgrid(ticks, ticks, indexing="ij")
#     grid = torch.stack([x1, x2, torch.ones_like(x1)], dim=-1).reshape(-1, 3)
#     labels = predict(w, grid).reshape(150, 150)
#     ax.imshow(labels, extent=(-reach, reach) * 2, origin="lower", cmap=TINTS, vmin=-1, vmax=1)
#     ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[-3, 0, 3], yticks=[-3, 0, 3])
#
# def draw_boundary(ax, w, **style):
#     """The line w . x = 0, and its point nearest to the origin; there is none where w1 = w2 = 0."""
#     normal = w[:2]
#     if not normal.any():
#         return None
#     foot = -w[2] * normal / normal.square().sum()
#     along = foot + torch.stack([-normal[1], normal[0]])
#     ax.axline(foot.tolist(), along.tolist(), **style)
#     return foot
#
# def draw_classes(ax, X, y, size=42):
#     """Blue discs for +1, orange squares for -1."""
#     ax.scatter(*X[y > 0, :2].T, s=size, color=BLUE, marker="o", edgecolor="white", zorder=3, label="$y = +1$")
#     ax.scatter(*X[y < 0, :2].T, s=size, color=ORANGE, marker="s", edgecolor="white", zorder=3, label="$y = -1$")
#
# def numbers(w):
#     """Weights as a title shows them."""
#     return "(" + ", ".join(f"{value:.3g}".replace("-", "−") for value in w.tolist()) + ")"

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_updates", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Watch it learn
#
# Eight examples, four of each class. Each panel below is one mistake. The ringed example was on the
# wrong side of the dashed boundary, so `update` turned that into the solid one. (Before the first
# mistake $\mathbf w = \mathbf 0$: there is no boundary, and everything is $+1$.) The arrow has the
# direction of $(w_1, w_2)$: at right angles to the boundary, towards the side where the answer is
# $+1$.
#
# Look for two things. A step pulls the boundary towards its own example with no regard for the
# others, so that it can undo what an earlier step had done. And the mistakes stop all the same.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "example_data", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# eight_points = torch.tensor([[1.0, -1.0], [-2.0, 0.0], [-3.0, 1.0], [3.0, -3.0], [3.0, 0.0], [1.0, 2.0], [-1.0, 3.0], [3.0, 2.0]])
# eight_labels = torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0])
# X_eight = torch.cat([eight_points, torch.ones(len(eight_points), 1)], dim=1)
#
# @draw_with("train")
# def example_data():
#     w, mistakes = train(X_eight, eight_labels, epochs=20)
#     print(f"mistakes in each pass: {mistakes}")
#     print(f"weights (w1, w2, w0):  {tuple(w.tolist())}")

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_updates", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("update", "predict")
# def figure_updates():
#     steps, _ = follow(X_eight, eight_labels, torch.zeros(3), 1.0, passes=20)
#     steps = steps[:12]  # of a wrong `update` there may be many
#
#     columns, rows = 3, -(-len(steps) // 3)
#     fig, axes = plt.subplots(rows, columns, figsize=(9, 3.15 * rows + 0.7), sharex=True, sharey=True, squeeze=False)
#     for ax in axes.flat[len(steps):]:
#         ax.axis("off")
#     for number, (ax, (epoch, row, before, after)) in enumerate(zip(axes.flat, steps), start=1):
#         draw_sides(ax, after)
#         draw_classes(ax, X_eight, eight_labels)
#         ax.scatter(*X_eight[row, :2], s=190, facecolor="none", edgecolor=INK, linewidth=1.8, zorder=5, label="the mistake")
#         draw_boundary(ax, before, color=GREY, linewidth=1.4, linestyle="--", label="boundary before")
#         foot = draw_boundary(ax, after, color=INK, linewidth=2, label="boundary after")
#         tip = foot + 1.2 * after[:2] / after[:2].norm()
#         ax.annotate("", tip.tolist(), foot.tolist(), zorder=4,
#                     arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 2, "shrinkA": 0, "shrinkB": 0})
#         ax.set_title(f"{number}: pass {epoch}, $\\mathbf{{w}}$ = {numbers(after)}")
#     for ax in axes[-1]:
#         ax.set_xlabel("$x_1$")
#     for ax in axes[:, 0]:
#         ax.set_ylabel("$x_2$")
#     fig.legend(*axes.flat[len(steps) - 1].get_legend_handles_labels(), loc="outside lower center", ncol=5, frameon=False)
#     fig.suptitle("Every mistake turns the boundary towards the example it got wrong")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_mistakes", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### When does it stop?
#
# If *some* line separates the classes, the perceptron finds one and stops. If none does, every pass
# has a mistake in it and only `epochs` ends the training. The same 100 examples show both: on the
# right, ten of the labels have been turned round.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_mistakes", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# def make_cloud():
#     """100 examples, (100, 3), and their labels, +1 and -1, that a line separates, (100,)."""
#     generator = torch.Generator().manual_seed(9)
#     cloud = 2 * torch.randn(160, 2, generator=generator)
#     scores = cloud @ torch.tensor([1.0, 2.0]) - 2.5
#     clear = scores.abs() > 0.4  # leave a lane free on both sides of the true boundary
#     return torch.cat([cloud, torch.ones(len(cloud), 1)], dim=1)[clear][:100], scores.sign()[clear][:100]
#
# X_cloud, y_clean = make_cloud()
# y_noisy = torch.where(torch.arange(100) % 10 == 0, -y_clean, y_clean)
#
# @draw_with("train")
# def figure_mistakes():
#     fig, axes = plt.subplots(1, 2, figsize=(9, 3.1), sharex=True, sharey=True)
#     for ax, labels, colour, title in [
#         (axes[0], y_clean, BLUE, "A line separates the classes: it stops"),
#         (axes[1], y_noisy, ORANGE, "No line does: it never settles"),
#     ]:
#         _, counts = train(X_cloud, labels, epochs=20)
#         ax.bar(range(1, len(counts) + 1), counts, color=colour)
#         ax.set(title=title, xlabel="pass", xticks=range(2, 21, 2), xlim=(0.2, 20.8))
#         if counts[-1] == 0:
#             ax.annotate("a pass without a mistake", (len(counts), 0), (len(counts) + 0.6, 12), color=INK, va="center",
#                         arrowprops={"arrowstyle": "->", "color": INK, "shrinkB": 2})
#     axes[0].set_ylabel("mistakes in the pass")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_margin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. The margin  *(4 points)*
#
# Which weights separate the data, and by how much? Give each example its *signed* score
# $y_i\,(\mathbf w \cdot \mathbf x_i)$: positive when it is on its own side, larger when it is
# farther in. Dividing by the Euclidean length $\lVert \mathbf w \rVert$ turns a score into a
# distance, for $10\,\mathbf w$ has the same boundary as $\mathbf w$. The **margin** is that of the
# worst example:
#
# $$\gamma(\mathbf w) = \min_i \frac{y_i\,(\mathbf w \cdot \mathbf x_i)}{\lVert \mathbf w \rVert}$$
#
# It is positive only if $\mathbf w$ separates the data; a single example on the wrong side makes it
# negative. ($\lVert \mathbf w \rVert$ has all weights in it, the bias too.) With the two examples
# from the table and $\mathbf w = (1, -2)$:
#
# | $\mathbf x_i$ | $y_i$ | $y_i\,(\mathbf w \cdot \mathbf x_i)$ | divided by $\lVert \mathbf w \rVert = \sqrt 5$ |
# |:-:|:-:|:-:|:-:|
# | $(1, 1)$ | $-1$ | $1$ | $0.447$ |
# | $(4, 1)$ | $+1$ | $2$ | $0.894$ |
#
# The margin is the smaller, $\gamma = 1/\sqrt 5 \approx 0.447$.

# %% nbgrader={"grade": false, "grade_id": "margin", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def margin(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """The smallest signed distance to the boundary:
    min_i y_i (w . x_i) / ||w||.

    Args:
        w: weights, (m,), not all zero (zeros have no boundary). ||w||
            is the Euclidean norm of all m of them, the bias included.
        X: examples, (n, m), n >= 1; the last feature is the constant
            1.
        y: labels in {-1, +1}, (n,), with the dtype of X.

    Returns:
        A 0-d tensor with the floating dtype and the device of X: the
        same for w and for 10 w, and positive only if w separates the
        data. None of w, X and y is changed.
    """
    ### BEGIN SOLUTION
    return (y * (X @ w)).min() / w.norm()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_margin", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("margin", points=4)
# def test_margin(expect):
#     w = torch.tensor([3.0, 4.0])  # its length is 5
#     X = torch.tensor([[2.0, 1.0], [-5.0, 0.0]])  # scores 10 and -15
#     gamma = margin(w, X, torch.tensor([1.0, -1.0]))
#     scores = "The signed scores are 10 and 15, and ||w|| = 5."
#     expect(gamma, torch.tensor(2.0), "The margin", scores, within=1e-4)
#     ten = margin(10 * w, X, torch.tensor([1.0, -1.0]))
#     length = "10 w has the boundary of w: divide by ||w||."
#     expect(ten, torch.tensor(2.0), "The margin of 10 w", length,
#            within=1e-4)
#     wrong = margin(w, X, torch.tensor([1.0, 1.0]))
#     side = ("With the second label +1, that example is 3 on the "
#             "wrong side.")
#     expect(wrong, torch.tensor(-3.0), "The margin", side, within=1e-4)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_bound", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Why it must stop
#
# The margin explains the left half of the last figure. Let $R$ be the length of the longest
# example, and let *any* weights have a positive margin $\gamma$. Then the perceptron, started from
# zero, makes at most
#
# $$\left(\frac{R}{\gamma}\right)^2$$
#
# mistakes in all, however many passes it makes and in whatever order the examples come (Novikoff,
# 1962). Big examples or a narrow gap mean more mistakes; the number of examples does not matter at
# all. The bound is generous, as you can see.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "example_bound", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("train", "margin")
# def example_bound():
#     w_cloud, counts = train(X_cloud, y_clean, epochs=100)
#     R, gamma = X_cloud.norm(dim=1).max(), margin(w_cloud, X_cloud, y_clean)
#     print(f"longest example R = {R:.2f}, margin of the weights found = {gamma:.3f}")
#     print(f"mistakes made: {sum(counts)}, and the bound allows {(R / gamma).square():.0f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_margin", "locked": true, "schema_version": 3, "solution": false, "task": false}
# The last figure trains one pass at a time. Compare its two halves: as soon as the margin is above
# zero, the next pass has no mistake left to make.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_margin", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("train", "margin")
# def figure_margin():
#     counts, margins, w_cloud = [], [], None
#     while not counts or (counts[-1] > 0 and len(counts) < 20):
#         w_cloud, (count,) = train(X_cloud, y_clean, w=w_cloud)
#         counts.append(count)
#         margins.append(margin(w_cloud, X_cloud, y_clean).item())
#     passes = range(1, len(counts) + 1)
#
#     fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 4.4), sharex=True)
#     top.bar(passes, counts, color=BLUE, width=0.6)
#     top.set(ylabel="mistakes", title="Mistakes stop once the margin is positive")
#     bottom.axhspan(0, 1, color="#DCEBF5", linewidth=0)
#     bottom.axhline(0, color=INK, linewidth=0.8)
#     bottom.plot(passes, margins, "o-", color=ORANGE, linewidth=2, zorder=3)
#     bottom.set(xlabel="pass", ylabel="margin after the pass", xticks=list(passes), ylim=(-0.95, 0.3))
#     bottom.text(1, 0.05, "the data are separated", color=BLUE)
#     bottom.text(4.2, -0.85, "some example is on the wrong side", color=INK)
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
#     """A call of each function with inputs on the device `home`."""
#     X = torch.tensor([[2.0, 1.0, 1.0], [-1.0, 3.0, 1.0]], device=home)
#     y = torch.tensor([-1.0, 1.0], device=home)
#     w = torch.tensor([0.5, -1.0, 0.25], device=home)
#     return {
#         "activation": lambda: activation(X @ w),
#         "predict": lambda: predict(w, X),
#         "update": lambda: update(w, X[0], y[0]),
#         "train": lambda: train(X, y),
#         "margin": lambda: margin(w, X, y),
#     }
#
# if not IMPORTED:
#     show_devices(make_calls)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_playground", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Playground
#
# In the spirit of [playground.tensorflow.org](https://playground.tensorflow.org): choose the data and the
# learning rate, press play, and watch *your* `update` move the boundary, one mistake at a time. The map is
# coloured by your `predict`; the bars count the mistakes of each pass. Things to try:
#
# - **XOR.** Opposite corners have the same label. Play to the end: the boundary swings to and fro and no
#   pass is free of mistakes, for no line separates these classes.
# - **The rate.** Stop somewhere and choose another $\eta$. From $\mathbf w = \mathbf 0$ only the length of
#   $\mathbf w$ changes: every step is longer by the same factor, and $f$ sees no more than the sign. The
#   wide grey line is the boundary for $\eta = 1$; the other stays on it. Now start elsewhere than at
#   $\mathbf 0$: the two part.
# - **Noisy, and moons.** How near does the boundary come to the best line, and does it stay there?
#
# Everything can be reached by keyboard: Tab goes to the next control, the space bar chooses and presses, the
# arrow keys slide. Controls need `pip install ipywidgets`. Where they cannot be shown, a picture stands here instead: the four data sets in
# four columns, the boundary after ten passes above, for three rates, and the mistakes of each pass below.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "playground_data", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# def make_playground():
#     """Four data sets: 40 points in the plane, (40, 2), and their classes, -1 or +1, (40,)."""
#     generator = torch.Generator().manual_seed(89)
#     noise = torch.randn(40, 2, generator=generator)
#     side = torch.tensor([-1.0, 1.0]).repeat(20)  # two classes, in turn
#     corner = 2 * torch.randint(2, (40, 2), generator=generator) - 1.0
#     angle = torch.pi * torch.rand(40, generator=generator)
#     lane = torch.stack([1.3 * noise[:, 0], 0.8 + 0.6 * noise[:, 0] + side * (0.2 + noise[:, 1].abs())], dim=1)
#     moon = torch.stack([2 * angle.cos() - side, side * (2 * angle.sin() - 0.6)], dim=1)
#     return {
#         "separable": (lane, side),
#         "noisy": (side[:, None] * torch.tensor([1.0, 0.7]) + noise, side),
#         "XOR": (1.7 * corner + 0.55 * noise, corner.prod(dim=1)),
#         "moons": (moon + 0.25 * noise, side),
#     }
#
# PLAYGROUND = make_playground()

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "playground_pictures", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# # What the playground draws.
# from matplotlib.figure import Figure  # not pyplot's: each move of a control makes a figure, and none is kept
#
# def playground_examples(name):
#     """A data set with its constant 1: X, (40, 3), and y, (40,)."""
#     points, y = PLAYGROUND[name]
#     return torch.cat([points, torch.ones(len(points), 1)], dim=1), y
#
# def draw_play(name, eta, passes, start, shown):
#     """The first `shown` mistakes: a figure, a sentence about it, and how many mistakes there are in all."""
#     X, y = playground_examples(name)
#     steps, counts = follow(X, y, start, eta, passes)
#     plain, _ = follow(X, y, start, 1.0, passes)
#     over, made = shown >= len(steps), steps[:shown]
#     w, w_plain = (taken[-1][3] if taken else start for taken in (made, plain[:shown]))
#     number = made[-1][0] if made else 1
#
#     fig = Figure(figsize=(9, 4.1), layout="none")
#     left, right = fig.subplots(1, 2, width_ratios=[1, 1.25])
#     fig.subplots_adjust(left=0.06, right=0.985, top=0.9, bottom=0.23, wspace=0.16)
#     draw_sides(left, w)
#     draw_classes(left, X, y)
#     draw_boundary(left, w_plain, color=GREY, linewidth=7, alpha=0.45, label=r"boundary if $\eta = 1$")
#     draw_boundary(left, w, color=INK, linewidth=2, label="boundary")
#     if made:
#         left.scatter(*X[made[-1][1], :2], s=190, facecolor="none", edgecolor=INK, linewidth=1.8, zorder=5,
#                      label="last mistake")
#     left.set(xlabel="$x_1$", title=f"$\\mathbf{{w}}$ = {numbers(w)}")
#     left.set_ylabel("$x_2$", labelpad=0)
#     for k in range(1, number + 1):
#         right.bar(k, sum(step[0] == k for step in made), color=BLUE if over or k < number else ORANGE)
#     right.set(xlim=(0.3, passes + 0.7), ylim=(0, max(counts) + 1), xlabel="pass", title="Mistakes in each pass")
#     right.xaxis.get_major_locator().set_params(integer=True)
#     fig.legend(*left.get_legend_handles_labels(), loc="lower center", ncols=5, frameon=False)
#
#     wrong = (predict(w, X) != y).sum()
#     sentence = f"{name}, η = {eta:g}, mistakes made: {len(made)}; {wrong} of {len(X)} examples are on the wrong side"
#     if over:
#         sentence += ", and a whole pass had no mistake: it stops" if counts[-1] == 0 else ", and it has not settled"
#     return fig, f"{sentence}.", len(steps)
#
# def draw_all(rates=(0.1, 1.0, 10.0), passes=10):
#     """All data sets from w = 0, each at three rates: a figure, and a sentence about it."""
#     fig = Figure(figsize=(9.2, 5.4))
#     axes = fig.subplots(2, 4, sharey="row", height_ratios=[1.45, 1])
#     settled, same = [], True
#     for name, (top, bottom) in zip(PLAYGROUND, axes.T):
#         X, y = playground_examples(name)
#         runs = [follow(X, y, torch.zeros(3), eta, passes) for eta in rates]
#         ends = [steps[-1][3] if steps else torch.zeros(3) for steps, _ in runs]
#         counts = runs[0][1]
#         same = same and all(others == counts for _, others in runs)
#         settled += [name] if counts[-1] == 0 else []
#         draw_sides(top, ends[0])
#         draw_classes(top, X, y, size=22)
#         for w, eta, colour, width in zip(ends, rates, ["#C4C4C4", GREY, INK], [8, 4, 1.2]):
#             draw_boundary(top, w, color=colour, linewidth=width, label=rf"$\eta = {eta:g}$")
#         top.set(title=name, xlabel="$x_1$")
#         bottom.bar(range(1, len(counts) + 1), counts, color=BLUE if name in settled else ORANGE)
#         bottom.set(xlabel="pass", xlim=(0.3, passes + 0.7), xticks=range(2, passes + 1, 4))
#     axes[0, 0].set_ylabel("$x_2$")
#     axes[1, 0].set_ylabel("mistakes in the pass")
#     fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
#     fig.suptitle("From $\\mathbf{w} = \\mathbf{0}$ the rate does not matter; and on XOR no rate helps")
#     return fig, (
#         f"In {passes} passes your perceptron settles on {', '.join(settled) or 'none of these data sets'}"
#         f"{', and on nothing else' if settled else ''}. From w = 0 the rates 0.1, 1 and 10 make "
#         f"{'the same mistakes everywhere' if same else 'different mistakes: should they?'}."
#     )

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "playground_frame", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# # How the playground is shown: with its controls, or as a picture.
# from base64 import b64encode
# from html import escape
# from io import BytesIO
#
# from IPython.display import display
#
# CONTROLS = "Here are controls to play with in JupyterLab, if you `pip install ipywidgets`, then restart and run all."
#
# def png(fig):
#     """A figure as a picture in base64, as notebooks hold it."""
#     buffer = BytesIO()
#     fig.savefig(buffer, format="png")
#     return b64encode(buffer.getvalue()).decode()
#
# def captioned(fig, sentence):
#     """A figure with a sentence below it, as HTML."""
#     width, height = (fig.get_size_inches() * fig.dpi).round()
#     room = f'width="{width:g}" height="{height:g}" decoding="sync" style="max-width: 100%; height: auto"'  # so nothing jumps
#     return f'<img src="data:image/png;base64,{png(fig)}" {room} alt="{escape(sentence)}"><p>{escape(sentence)}</p>'
#
# def excuse(error):
#     """Why there is nothing to play with, in a sentence."""
#     if isinstance(error, (NotImplementedError, NameError)):
#         return f"The playground plays with your {PLAYS_WITH}: when they are written, run this cell again."
#     reason = f"{type(error).__name__}: {error}".splitlines()[0]
#     return f"The playground cannot play with your {PLAYS_WITH} yet ({reason})."
#
# def find_widgets():
#     """ipywidgets, where it is installed and somebody is there to press a button; else None."""
#     kernel = getattr(get_ipython(), "kernel", None)
#     if kernel is None or not kernel.get_parent()["content"].get("allow_stdin"):
#         return None
#     try:
#         import ipywidgets
#     except ImportError:
#         return None
#     return ipywidgets
#
# def show(fig, sentence, controls=None):
#     """Show the controls, if there are any; wherever they cannot be shown, the figure."""
#     shown = {"text/plain": sentence, "image/png": png(fig)}
#     if controls is None:
#         print(sentence)
#         print(CONTROLS)
#     else:
#         shown |= get_ipython().display_formatter.format(controls)[0]
#     display(shown, metadata={"image/png": {"alt": sentence}}, raw=True)

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "playground", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# PLAYS_WITH = "predict and update"
#
# def make_controls(widgets):
#     """Controls, and the picture that they change."""
#     style, wide = {"description_width": "4.5em"}, {"width": "34em"}
#     data = widgets.RadioButtons(options=list(PLAYGROUND), description="data set", orientation="horizontal")
#     eta = widgets.RadioButtons(
#         options=[("0.1", 0.1), ("0.3", 0.3), ("1", 1.0), ("3", 3.0), ("10", 10.0)],
#         value=1.0, description="rate η", orientation="horizontal",
#     )
#     passes = widgets.BoundedIntText(10, min=1, max=30, description="passes", style=style, layout={"width": "9em"})
#     zero = widgets.Checkbox(True, description="start from w = 0", indent=False, layout={"width": "auto"})
#     ticker = widgets.Play(interval=250, show_repeat=False, tooltip="a mistake every quarter of a second")
#     step = widgets.Button(description="Step", tooltip="go to the next mistake", layout={"width": "5em"})
#     shown = widgets.IntSlider(0, 0, 1, description="mistakes", style=style, layout=wide, tooltip="mistakes made so far")
#     picture = widgets.HTML()
#
#     def redraw(_=None):
#         start = torch.zeros(3) if zero.value else torch.tensor([-1.0, 2.0, 1.5])
#         try:
#             fig, sentence, most = draw_play(data.value, eta.value, passes.value, start, shown.value)
#         except Exception as error:  # your function may raise anything; here it becomes a sentence
#             picture.value = escape(excuse(error))
#             return
#         picture.value = captioned(fig, sentence)
#         ticker.max = shown.max = max(most, 1)
#
#     def restart(_):
#         if shown.value:
#             shown.value = 0  # this redraws
#         else:
#             redraw()
#
#     def next_mistake(_):
#         shown.value = min(shown.value + 1, shown.max)
#
#     data.observe(restart, "value")
#     for control in (eta, passes, zero, shown):
#         control.observe(redraw, "value")
#     step.on_click(next_mistake)
#     widgets.jslink((ticker, "value"), (shown, "value"))
#     redraw()
#     top = widgets.HBox([data, eta, widgets.VBox([passes, zero])])
#     return widgets.VBox([top, widgets.HBox([ticker, step, shown]), picture])
#
# def play():
#     """Show the playground; or say in a line what it waits for."""
#     try:
#         fig, sentence = draw_all()
#     except Exception as error:  # as above
#         print(excuse(error))
#     else:
#         widgets = find_widgets()
#         show(fig, sentence, widgets and make_controls(widgets))
#
# if not IMPORTED:
#     play()

# %% [markdown] nbgrader={"grade": false, "grade_id": "where_next", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## What it cannot say
#
# A perceptron answers yes or no, and nothing in between: it cannot tell a close call from a clear
# case, and on data that overlap it never settles. Put a smooth curve in place of the hard step, and
# both change: the answer becomes a probability, and its loss has a slope that leads downhill, which
# PyTorch finds for you. That is the notebook `logistic_regression`.

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_progress", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Where you stand
#
# The table runs the examples of all exercises once more. Run its cell whenever you want to know.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "progress", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# show_progress(activation=4, predict=4, update=6, train=7, margin=4)
