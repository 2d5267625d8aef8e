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
# # The chain rule, by hand and by PyTorch  *(2 of 4)*
#
# Training a network means asking, of every number in it: if you were a little larger, would the loss
# go up or down, and how fast? The chain rule answers for all of them in one sweep. You will do the
# sweep once by hand; then PyTorch will do it for you, and you will know what it does.
#
# **You will learn** to compute a small network forward; to derive its gradients on paper and write
# them down in code; to let autograd find the same numbers; and to take a step downhill without the
# traps of `.grad`.
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
# | `forward` | $u$ and $f$ | 3 |
# | `mse_loss` | the loss $L$ | 4 |
# | `manual_gradients` | $\partial L$ by the chain rule | 7 |
# | `autograd_gradients` | the same by PyTorch | 4 |
# | `accumulated_gradients` | what `.grad` holds if nobody clears it | 3 |
# | `gradient_step` | one step of gradient descent | 4 |
# | | | **25** |
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
#
# BLUE, ORANGE, INK, GREY = "#0072B2", "#D55E00", "#222222", "#8A8A8A"  # distinct to colour-blind eyes too
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

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_example", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## The worked example
#
# Two inputs, three weights, one output:
#
# $$u = a\,w_0 + b\,w_1, \qquad f = u\,v, \qquad L = \frac1n \sum_{i=1}^n (y_i - f_i)^2$$
#
# With one example, $a = 2$, $b = 3$, $y = 10$, and all weights 1: $u = 5$, $f = 5$, $L = 25$. The next
# cell lets PyTorch do everything: it computes forward, and `loss.backward()` leaves each gradient in
# the `.grad` of its weight.

# %% nbgrader={"grade": false, "grade_id": "example_forward", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# a, b, y = torch.tensor(2.0), torch.tensor(3.0), torch.tensor(10.0)
# w0 = torch.tensor(1.0, requires_grad=True)
# w1 = torch.tensor(1.0, requires_grad=True)
# v = torch.tensor(1.0, requires_grad=True)
#
# u = a * w0 + b * w1
# f = u * v
# loss = torch.nn.MSELoss()(f, y)
# print(f"u = {u:g}, f = {f:g}, L = {loss:g}")

# %% nbgrader={"grade": false, "grade_id": "example_backward", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# # retained, so that this cell can run again
# loss.backward(retain_graph=True)
# print(f"dL/dw0 = {w0.grad:g}, dL/dw1 = {w1.grad:g}, "
#       f"dL/dv = {v.grad:g}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_accumulation_example", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Now the same forward and backward once more, without clearing `.grad` in between. PyTorch *adds* each
# gradient to what is there already, so every number doubles. (Run the cell again, and they grow again.)

# %% nbgrader={"grade": false, "grade_id": "example_accumulation", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# u = a * w0 + b * w1
# f = u * v
# torch.nn.MSELoss()(f, y).backward()
# print(f"dL/dw0 = {w0.grad:g}, dL/dw1 = {w1.grad:g}, "
#       f"dL/dv = {v.grad:g}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. Forward  *(3 points)*
#
# The forward pass computes $u$ and then $f$. Written with tensors, the same line does one example or a
# batch: if $a$ and $b$ are $(n,)$, so are $u$ and $f$, and the weights, one number each, are broadcast.
#
# | $a$ | $b$ | $u = a + b$ | $f = u$ |
# |:-:|:-:|:-:|:-:|
# | 2 | 3 | 5 | 5 |
# | 1 | 0 | 1 | 1 |
#
# (All weights are 1 in the table.)

# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def forward(
    a: Tensor, b: Tensor, w0: Tensor, w1: Tensor, v: Tensor
) -> tuple[Tensor, Tensor]:
    """The network's forward pass: u = a w0 + b w1, f = u v.

    Args:
        a, b: the inputs of one example, (), or of n examples,
            (n,); floating.
        w0, w1, v: the weights, 0-d tensors with the dtype and
            device of a.

    Returns:
        u and f, each with the shape, dtype and device of a; tracked by
        autograd if an argument is. No argument is changed.
    """
    ### BEGIN SOLUTION
    u = a * w0 + b * w1
    return u, u * v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("forward", points=3)
# def test_forward(expect):
#     one = torch.tensor(1.0)
#     returned = forward(torch.tensor(2.0), torch.tensor(3.0),
#                        one, one, one)
#     u, f = expect.items(returned, 2, "What forward returns, (u, f),")
#     expect(u, torch.tensor(5.0), "u", "This is the worked example.")
#     expect(f, torch.tensor(5.0), "f", "This is the worked example.")
#     returned = forward(torch.tensor([2.0, 1.0]),
#                        torch.tensor([3.0, 0.0]), one, one, 2 * one)
#     u, f = expect.items(returned, 2, "What forward returns, (u, f),")
#     expect(u, torch.tensor([5.0, 1.0]), "u", "There are two examples.")
#     expect(f, torch.tensor([10.0, 2.0]), "f",
#            "There are two examples, and v = 2.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_mse_loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. The mean squared error  *(4 points)*
#
# $$L = \frac1n \sum_{i=1}^n (y_i - f_i)^2$$
#
# The square makes a miss of 2 cost four times a miss of 1, whichever side it is on; the mean makes the
# loss of ten examples comparable with the loss of a thousand. For $\hat{\mathbf y} = (5, 1)$ and
# $\mathbf y = (10, 2)$: $L = (25 + 1) / 2 = 13$.
#
# `torch.nn` has this loss ready. Here you write it down yourself.

# %% nbgrader={"grade": false, "grade_id": "mse_loss", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def mse_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """The mean squared error: (1/n) sum_i (y_i - y_hat_i)^2.

    Write it yourself: nothing from torch.nn (nor torch.nn.functional).

    Args:
        y_hat: predictions, (n,), or () for one example; floating.
        y: the true values, with the shape, dtype and device of y_hat.

    Returns:
        A 0-d tensor with their dtype and device; tracked by autograd
        if an argument is. No argument is changed.
    """
    ### BEGIN SOLUTION
    return (y - y_hat).square().mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_mse_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("mse_loss", points=4)
# def test_mse_loss(expect):
#     loss = mse_loss(torch.tensor(5.0), torch.tensor(10.0))
#     expect(loss, torch.tensor(25.0), "The loss",
#            "This is the worked example.")
#     loss = mse_loss(torch.tensor([5.0, 1.0]),
#                     torch.tensor([10.0, 2.0]))
#     mean = "(25 + 1) / 2 = 13: is it the mean?"
#     expect(loss, torch.tensor(13.0), "The loss of two examples", mean)
#     doubles = torch.ones(3).double()
#     expect.alike(mse_loss(doubles, 0 * doubles), doubles[0],
#                  "The loss in float64")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_manual_gradients", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. The gradients by hand  *(7 points)*
#
# The chain rule multiplies the derivatives along each path from the loss back to a weight. For one
# example,
#
# $$\frac{\partial L}{\partial f} = 2(f - y), \qquad
# \frac{\partial f}{\partial u} = v, \quad \frac{\partial f}{\partial v} = u, \qquad
# \frac{\partial u}{\partial w_0} = a, \quad \frac{\partial u}{\partial w_1} = b$$
#
# and so
#
# $$\frac{\partial L}{\partial w_0} = 2(f - y)\,v\,a, \qquad
# \frac{\partial L}{\partial w_1} = 2(f - y)\,v\,b, \qquad
# \frac{\partial L}{\partial v} = 2(f - y)\,u .$$
#
# In the worked example $2(f - y) = 2(5 - 10) = -10$, and the gradients are $-10 \cdot 1 \cdot 2 = -20$,
# $-10 \cdot 1 \cdot 3 = -30$ and $-10 \cdot 5 = -50$. All are negative: make any weight a little larger
# and the loss falls.
#
# With $n$ examples the loss is a mean, and the gradient of a mean is the mean of the gradients. The
# weights are shared, so each of them gets *one* number, to which every example adds its part, divided
# by $n$.
#
# **A sign to watch.** $(y - f)^2$ and $(f - y)^2$ are equal, but the derivative with respect to $f$ is
# $2(f - y)$, prediction minus truth.

# %% nbgrader={"grade": false, "grade_id": "manual_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def manual_gradients(
    a: Tensor, b: Tensor, y: Tensor, w0: Tensor, w1: Tensor, v: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of the loss by the chain rule, written out;
    no autograd.

    Args:
        a, b, y: inputs and true value of one example, (), or of n
            examples, (n,); floating.
        w0, w1, v: the weights, 0-d tensors with the dtype and
            device of a.

    Returns:
        dL/dw0, dL/dw1 and dL/dv of L = (1/n) sum_i (y_i - f_i)^2:
        three 0-d tensors with the dtype and device of a. No argument
        is changed. (-20, -30, -50 in the worked example.)
    """
    ### BEGIN SOLUTION
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)  # n times dL/df, for each example
    return (df * v * a).mean(), (df * v * b).mean(), (df * u).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_manual_gradients", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("manual_gradients", points=7)
# def test_manual_gradients(expect):
#     a, b, y, one = (torch.tensor(x) for x in (2.0, 3.0, 10.0, 1.0))
#     names = ["dL/dw0", "dL/dw1", "dL/dv"]
#     gradients = manual_gradients(a, b, y, one, one, one)
#     expect.items(gradients, 3, "The gradients (dw0, dw1, dv)")
#     values = [-20.0, -30.0, -50.0]
#     for gradient, value, name in zip(gradients, values, names):
#         expect(gradient, torch.tensor(value), name,
#                "This is the worked example.")
#
#     # the same example twice
#     a, b, y = (torch.stack([x, x]) for x in (a, b, y))
#     gradients = manual_gradients(a, b, y, one, one, one)
#     expect.items(gradients, 3, "The gradients (dw0, dw1, dv)")
#     twice = ("The worked example twice has the same mean loss, so "
#              "the same gradients.")
#     for gradient, value, name in zip(gradients, values, names):
#         expect(gradient, torch.tensor(value), name, twice)

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_graph", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### The graph, with its numbers
#
# Values flow to the right; gradients flow back to the left. On each edge stands the local derivative,
# and below each node, in orange, the product of all local derivatives between it and the loss. The
# numbers are those of *your* functions.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_graph", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("forward", "mse_loss", "manual_gradients")
# def figure_graph():
#     a, b, y, w0, w1, v = (torch.tensor(x) for x in (2.0, 3.0, 10.0, 1.0, 1.0, 1.0))
#     u, f = forward(a, b, w0, w1, v)
#     L = mse_loss(f, y)
#     dw0, dw1, dv = manual_gradients(a, b, y, w0, w1, v)
#     df = 2 * (f - y)
#
#     places = {"$a$": (0, 4.5), "$w_0$": (0, 3.1), "$b$": (0, 1.4), "$w_1$": (0, 0.0), "$u$": (3.2, 2.25),
#               "$v$": (3.2, 0.0), "$f$": (6.4, 2.25), "$y$": (6.4, 0.0), "$L$": (9.6, 2.25)}
#     values = {"$a$": a, "$w_0$": w0, "$b$": b, "$w_1$": w1, "$u$": u, "$v$": v, "$f$": f, "$y$": y, "$L$": L}
#     gradients = {"$w_0$": dw0, "$w_1$": dw1, "$v$": dv, "$u$": df * v, "$f$": df, "$L$": torch.tensor(1.0)}
#     edges = [("$a$", "$u$", ""), ("$w_0$", "$u$", f"$a$ = {a:g}"), ("$b$", "$u$", ""), ("$w_1$", "$u$", f"$b$ = {b:g}"),
#              ("$u$", "$f$", f"$v$ = {v:g}"), ("$v$", "$f$", f"$u$ = {u:g}"), ("$f$", "$L$", f"$2(f - y)$ = {df:g}"), ("$y$", "$L$", "")]
#
#     fig, ax = plt.subplots(figsize=(9, 4.7))
#     for start, end, local in edges:
#         (x0, y0), (x1, y1) = places[start], places[end]
#         ax.annotate("", (x1, y1), (x0, y0), arrowprops={"arrowstyle": "-|>", "color": INK if local else GREY, "shrinkA": 24, "shrinkB": 26})
#         if local:
#             ax.text(x0 + 0.5 * (x1 - x0), y0 + 0.5 * (y1 - y0), local, ha="center", va="center", fontsize=9, color=INK,
#                     bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})
#     for name, (x, height) in places.items():
#         colour = BLUE if name in gradients else GREY
#         ax.add_patch(plt.Circle((x, height), 0.46, facecolor="white", edgecolor=colour, linewidth=2, zorder=3))
#         ax.text(x, height + 0.02, f"{name}\n{values[name]:g}", ha="center", va="center", fontsize=10, color=colour, zorder=4)
#         if name in gradients:
#             ax.text(x, height - 0.66, f"{gradients[name]:g}", ha="center", va="center", fontsize=10, color=ORANGE, fontweight="bold", zorder=4)
#     ax.set(xlim=(-0.8, 10.4), ylim=(-1.0, 5.2), aspect="equal", title="Forward in blue, gradients of $L$ in orange")
#     ax.axis("off")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_autograd_gradients", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. The gradients by autograd  *(4 points)*
#
# PyTorch records the graph while it computes forward, and `backward` walks it back, multiplying as you
# did. Two ways to ask:
#
# - `loss.backward()` puts each gradient into the `.grad` of its weight: it changes the weights' `.grad`;
# - `torch.autograd.grad(loss, [w0, w1, v])` returns the gradients and leaves every `.grad` alone.
#
# Only tensors with `requires_grad` are tracked. The caller's weights may not have it, and are not yours
# to change: `w.detach().requires_grad_()` is a tracked tensor of your own with the same value.

# %% nbgrader={"grade": false, "grade_id": "autograd_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def autograd_gradients(
    a: Tensor, b: Tensor, y: Tensor, w0: Tensor, w1: Tensor, v: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of the loss by PyTorch's autograd: the same
    numbers as manual_gradients.

    Args:
        a, b, y: inputs and true value of one example, (), or of n
            examples, (n,); floating.
        w0, w1, v: the weights, 0-d tensors with the dtype and device
            of a; they may or may not require grad already.

    Returns:
        dL/dw0, dL/dw1 and dL/dv: three 0-d tensors with the dtype and
        device of a. The arguments are as they were: no value,
        requires_grad or .grad of theirs is changed.
    """
    ### BEGIN SOLUTION
    weights = [weight.detach().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a.detach(), b.detach(), *weights)
    dw0, dw1, dv = torch.autograd.grad(mse_loss(f, y.detach()), weights)
    return dw0, dw1, dv
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_autograd_gradients", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("autograd_gradients", points=4)
# def test_autograd_gradients(expect):
#     a, b, y, plain = (torch.tensor(x) for x in (2.0, 3.0, 10.0, 1.0))
#     tracked = [torch.tensor(1.0, requires_grad=True) for _ in range(3)]
#     for weights in ([plain, plain, plain], tracked):
#         gradients = autograd_gradients(a, b, y, *weights)
#         expect.items(gradients, 3, "The gradients (dw0, dw1, dv)")
#         do = "require" if weights is tracked else "do not require"
#         why = f"The weights {do} grad."
#         names = ["dL/dw0", "dL/dw1", "dL/dv"]
#         values = [-20.0, -30.0, -50.0]
#         for gradient, value, name in zip(gradients, values, names):
#             expect(gradient, torch.tensor(value), name, why)
#     other = ("The argument `w0` has another requires_grad after the "
#              "call; leave it alone.")
#     expect.that(not plain.requires_grad, other)
#     left = ("The call left something in `w0.grad`, or took it away; "
#             "leave it alone.")
#     expect.that(all(weight.grad is None for weight in tracked),
#                 left.replace("w0", "w"))

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_accumulated_gradients", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. What piles up  *(3 points)*
#
# `backward` *adds* to `.grad`. That is useful where one step is to sum over several batches, and a trap
# everywhere else: forget to clear it and the second step uses the sum of two gradients. In the worked
# example, with the weights unchanged:
#
# | passes | $\partial L/\partial w_0$ | $\partial L/\partial w_1$ | $\partial L/\partial v$ |
# |:-:|--:|--:|--:|
# | 0 | 0 | 0 | 0 |
# | 1 | $-20$ | $-30$ | $-50$ |
# | 2 | $-40$ | $-60$ | $-100$ |
# | 3 | $-60$ | $-90$ | $-150$ |

# %% nbgrader={"grade": false, "grade_id": "accumulated_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def accumulated_gradients(
    a: Tensor, b: Tensor, y: Tensor,
    w0: Tensor, w1: Tensor, v: Tensor, passes: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What .grad of fresh weights holds after `passes` forward and
    backward passes without zeroing.

    Args:
        a, b, y: inputs and true value of one example, (), or of n
            examples, (n,); floating.
        w0, w1, v: the weights, 0-d tensors with the dtype and device
            of a; they may or may not require grad already. No step is
            taken: they are the same in every pass.
        passes: how many passes, 0 or more.

    Returns:
        The accumulated gradients with respect to w0, w1 and v: three
        0-d tensors with the dtype and device of a, zeros for no pass.
        The arguments are as they were, their .grad included.
    """
    ### BEGIN SOLUTION
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    for _ in range(passes):
        _, f = forward(a.detach(), b.detach(), *weights)
        mse_loss(f, y.detach()).backward()
    return weights[0].grad, weights[1].grad, weights[2].grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_accumulated_gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("accumulated_gradients", points=3)
# def test_accumulated_gradients(expect):
#     a, b, y, one = (torch.tensor(x) for x in (2.0, 3.0, 10.0, 1.0))
#     once, never = [-20.0, -30.0, -50.0], [0.0, 0.0, 0.0]
#     twice = [-40.0, -60.0, -100.0]
#     for passes, values in [(1, once), (2, twice), (0, never)]:
#         gradients = accumulated_gradients(
#             a, b, y, one, one, one, passes)
#         expect.items(gradients, 3, "The gradients (dw0, dw1, dv)")
#         names = ["dL/dw0", "dL/dw1", "dL/dv"]
#         for gradient, value, name in zip(gradients, values, names):
#             expect(gradient, torch.tensor(value), name,
#                    f"This is after {passes} passes.")
#     left = ("The weights given should stay as they were, their .grad "
#             "included.")
#     expect.that(one.grad is None and not one.requires_grad, left)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_gradient_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6. One step downhill  *(4 points)*
#
# Gradient descent moves each parameter a little against its gradient, with **learning rate** $\eta$:
#
# $$p \leftarrow p - \eta\,\frac{\partial L}{\partial p}$$
#
# With $\eta = 0.01$, $w_0$ goes from 1 to $1 - 0.01 \cdot (-20) = 1.2$. Three things to mind:
#
# - the step changes the parameter *itself*, in place, so that everyone who holds it sees the new value;
# - the step is no part of the network: under `torch.no_grad()` it is not recorded (and PyTorch refuses
#   an in-place change of a tracked leaf otherwise);
# - afterwards `.grad` is cleared, to `None` or to zeros, so that the next backward pass starts afresh.

# %% nbgrader={"grade": false, "grade_id": "gradient_step", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def gradient_step(params: list[Tensor], lr: float) -> None:
    """One step of gradient descent, in place: p <- p - lr * p.grad;
    then every .grad is cleared.

    Args:
        params: leaf tensors of any shapes. One whose .grad is None is
            left alone.
        lr: the learning rate.

    Returns:
        Nothing. Each parameter is the same tensor with a new value,
        still requires grad, and remembers nothing of the step; its
        .grad is None or zero.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        for param in params:
            if param.grad is not None:
                param -= lr * param.grad
                param.grad = None
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_gradient_step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("gradient_step", points=4)
# def test_gradient_step(expect):
#     p = torch.tensor([1.0, 2.0], requires_grad=True)
#     idle = torch.tensor(7.0, requires_grad=True)
#     (10 * p[0] + 20 * p[1]).backward()
#     expect(gradient_step([p, idle], lr=0.1), None,
#            "What gradient_step returns")
#     expect(p.detach(), torch.zeros(2), "The parameter after the step",
#            "(1, 2) - 0.1 * (10, 20)")
#     expect.that(p.grad is None or not p.grad.any(),
#                 "The gradient should be cleared.")
#     leaf = ("The parameter should still be a leaf that requires "
#             "grad: the step is not recorded.")
#     expect.that(p.requires_grad and p.is_leaf, leaf)
#     alone = "It is left alone."
#     expect(idle.detach(), torch.tensor(7.0),
#            "The parameter without a gradient", alone)

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_descent", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Downhill
#
# Your functions together: forward, loss, backward, step, and again. The same start, two ways: with the
# gradient cleared after each step, and with a `.grad` that nobody clears. The second is pushed on by
# all its old gradients, shoots past the valley, and swings.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_descent", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("forward", "mse_loss", "gradient_step")
# def figure_descent():
#     def descend(clear, steps=30, lr=0.002):
#         """The loss before each step, from the worked example's start."""
#         a, b, y = torch.tensor(2.0), torch.tensor(3.0), torch.tensor(10.0)
#         w0, w1, v = (torch.tensor(1.0, requires_grad=True) for _ in range(3))
#         old, losses = [torch.zeros(()) for _ in range(3)], []
#         for _ in range(steps):
#             _, f = forward(a, b, w0, w1, v)
#             loss = mse_loss(f, y)
#             losses.append(loss.item())
#             loss.backward()
#             if not clear:
#                 for weight, gradient in zip((w0, w1, v), old):
#                     weight.grad += gradient
#                 old = [weight.grad.clone() for weight in (w0, w1, v)]
#             gradient_step([w0, w1, v], lr)
#         return losses
#
#     fig, ax = plt.subplots(figsize=(6.4, 3.3))
#     ax.plot(descend(clear=True), color=BLUE, linewidth=2.2, label="cleared after each step")
#     ax.plot(descend(clear=False), color=ORANGE, linewidth=1.6, label="never cleared")
#     ax.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, 1.0))
#     ax.set(xlabel="step", ylabel="loss $L$", title="A gradient that piles up overshoots", ylim=(0, 31), xlim=(0, 29))
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
#     a, b, y = torch.tensor([[2.0, 1.0], [3.0, 0.0], [10.0, 2.0]], device=home)
#     weights = torch.ones(3, device=home).unbind()
#
#     def stepped():  # a step returns nothing; what it changed is looked at
#         p = torch.tensor([1.0, 2.0], device=home, requires_grad=True)
#         p.grad = torch.ones_like(p)
#         gradient_step([p], lr=0.1)
#         return p
#
#     return {
#         "forward": lambda: forward(a, b, *weights),
#         "mse_loss": lambda: mse_loss(a, y),
#         "manual_gradients": lambda: manual_gradients(a, b, y, *weights),
#         "autograd_gradients": lambda: autograd_gradients(a, b, y, *weights),
#         "accumulated_gradients": lambda: accumulated_gradients(a, b, y, *weights, 2),
#         "gradient_step": stepped,
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
#     forward=3, mse_loss=4, manual_gradients=7,
#     autograd_gradients=4, accumulated_gradients=3, gradient_step=4,
# )
