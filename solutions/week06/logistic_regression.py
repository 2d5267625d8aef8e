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
# # Logistic regression  *(4 of 4)*
#
# The perceptron answers yes or no. Logistic regression answers *how likely*: it puts a smooth curve
# where the perceptron has a step, so that a loss can be written down, differentiated and made
# small. You will build it in PyTorch from its parts, with autograd to do the calculus.
#
# **You will learn** to compute with exponentials that never overflow; to write a loss from logits;
# to put parameters into a `torch.nn.Module`; to write the training loop that every PyTorch program
# has; and to predict without recording a graph.
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
# | `sigmoid` | from a score to a probability | 4 |
# | `bce_loss` | the price of a wrong probability | 6 |
# | `LogisticRegression` | the model, a module with parameters | 4 |
# | `train` | gradient descent | 7 |
# | `predict` | labels from the trained model | 4 |
# | | | **25** |
#
# **Shapes.** $n$ examples with $m$ features each: `X` is $(n, m)$, `logits` and `y` are $(n,)$.
# Labels are 0 and 1 here, not $-1$ and $+1$: a label is now the probability that the truth would
# give. The model has its own bias, so `X` has no column of ones.
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
# from matplotlib.colors import LinearSegmentedColormap
#
# BLUE, ORANGE, INK, GREY = "#0072B2", "#D55E00", "#222222", "#8A8A8A"  # distinct to colour-blind eyes too
# FADE = LinearSegmentedColormap.from_list("fade", ["#EDA477", "#FFFFFF", "#79B0D8"])  # from label 0 to label 1
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

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1. The sigmoid  *(4 points)*
#
# A score $z = \mathbf w \cdot \mathbf x + b$ can be any number; a probability cannot. The sigmoid
# maps the one to the other:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# | $z$ | $-1000$ | $-2$ | $0$ | $2$ | $1000$ |
# |:--|--:|--:|--:|--:|--:|
# | $\sigma(z)$ | $0$ | $0.1192$ | $0.5$ | $0.8808$ | $1$ |
#
# The score is called the **logit**, for it is the log of the odds: $z = \log \frac{p}{1 - p}$. Note
# that $\sigma(-z) = 1 - \sigma(z)$.
#
# **Two formulas, each right on one side.** Multiply above and below by $e^z$:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}}$$
#
# On paper they are equal. In a computer $e^{1000}$ is `inf`: the right one gives `inf / inf = nan`
# at $z = 1000$. The left one gives $1 / \infty = 0$ at $z = -1000$, which is correct, but its
# gradient there is `0 * inf = nan`. The left formula is safe for $z \ge 0$, the right one for
# $z < 0$, and both then need only $e^{-|z|}$, which lies between 0 and 1 and cannot overflow.
#
# **A trap.** `torch.where` chooses between two results but differentiates both, and
# $0 \cdot \infty$ in the branch that it did not choose still makes the gradient `nan`. Make the
# exponent safe *first*, then choose.

# %% nbgrader={"grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def sigmoid(z: Tensor) -> Tensor:
    """sigma(z) = 1 / (1 + exp(-z)), elementwise, safe for
    every finite z.

    Write it yourself: torch.sigmoid, torch.special.expit and the like
    are not allowed.

    Args:
        z: logits, floating, of any shape. They are not changed.

    Returns:
        Probabilities with the shape, floating dtype and device of z:
        0.5 at 0, exactly 0 at -1000 and exactly 1 at +1000, never inf
        or NaN. Gradients are sigma(z) (1 - sigma(z)), 0.25 at 0, and
        finite at +-1000 as elsewhere.
    """
    ### BEGIN SOLUTION
    positive = z >= 0
    t = torch.exp(torch.where(positive, -z, z))  # exp(-|z|), in (0, 1]
    return torch.where(positive, 1.0, t) / (1 + t)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sigmoid", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("sigmoid", points=4)
# def test_sigmoid(expect):
#     z = torch.tensor([-2.0, 0.0, 2.0])
#     p = sigmoid(z)
#     expect.alike(p, z, "sigmoid(z)")
#     expect(p[1], torch.tensor(0.5), "sigmoid(0)",
#            "A logit of 0 means even odds.")
#     table = torch.tensor([0.1192, 0.5, 0.8808])
#     expect(p, table, "sigmoid(z)", "Look at the table.", within=1e-4)
#     extreme = torch.tensor([-1000.0, 1000.0], requires_grad=True)
#     p = sigmoid(extreme)
#     expect(p, torch.tensor([0.0, 1.0]),
#            "sigmoid(z) at -1000 and +1000", "Does exp overflow?")
#     slope = expect.gradient(p, extreme, "The gradient of sigmoid")
#     finite = ("The gradient at -1000 and +1000 should be finite: "
#               "keep every exp so, chosen or not.")
#     expect.that(slope.isfinite().all(),
#                 f"{finite} It is {slope.tolist()}.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Your curve beside the perceptron's step (scaled to run from 0 to 1). They agree on the side, and
# the curve also says how sure it is. A probability of at least one half is the same as a logit of
# at least zero.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("sigmoid")
# def figure_sigmoid():
#     z = torch.linspace(-7, 7, 400)
#
#     fig, ax = plt.subplots(figsize=(6, 3.1))
#     ax.step([-7, 0, 7], [0, 0, 1], where="pre", color=GREY, linewidth=1.4, linestyle="--")
#     ax.plot(z, sigmoid(z), color=BLUE, linewidth=2.5)
#     ax.plot(0, sigmoid(torch.tensor(0.0)), "o", color=BLUE, markersize=7)
#     ax.annotate(r"$\sigma(0) = \frac{1}{2}$", (0, 0.5), (1.3, 0.42), color=INK, va="center", fontsize=12,
#                 arrowprops={"arrowstyle": "->", "color": INK, "shrinkB": 6})
#     ax.text(-3.1, 0.17, "sigmoid", color=BLUE, ha="center")
#     ax.text(-0.25, 0.9, "step", color=GREY, ha="right")
#     ax.set(xlabel="logit $z$", ylabel="probability $p$", yticks=[0, 0.5, 1], ylim=(-0.06, 1.06), title="A step, made smooth")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_bce_loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2. The loss  *(6 points)*
#
# What should it cost to say $p = \sigma(z)$ when the truth turns out to be $y$? Minus the log of
# the probability that was given to the truth; averaged over the examples, this is the **binary
# cross-entropy**:
#
# $$L = -\frac{1}{n} \sum_{i=1}^n \Big[\, y_i \log p_i + (1 - y_i) \log (1 - p_i) \,\Big]$$
#
# | $z$ | $p$ | $y$ | loss |
# |--:|--:|:-:|:--|
# | $0$ | $0.5$ | 0 or 1 | $-\log 0.5 = 0.6931$ |
# | $2$ | $0.8808$ | 1 | $-\log 0.8808 = 0.1269$ |
# | $2$ | $0.8808$ | 0 | $-\log 0.1192 = 2.1269$ |
# | $1000$ | $1$ | 0 | $1000$ |
#
# The last row is the hard one. By the formula it is $-\log(1 - 1) = \infty$, though the true loss
# is 1000: in rounding $p$ to 1 we lost what we needed. So start from the logits. With
# $p = \sigma(z)$ the two logs become
#
# $$\text{loss}(z, y) = \log(1 + e^{z}) - z\,y,$$
#
# and the overflow goes away when the larger exponential is taken out of the log:
#
# $$\log(1 + e^{z}) = \max(z, 0) + \log\left(1 + e^{-|z|}\right).$$
#
# `torch.log1p(t)` is $\log(1 + t)$, exact even where $t$ is tiny.
#
# **The slope.** Differentiate, and the loss shows why it was chosen. For each example
#
# $$\frac{\partial L}{\partial z_i} = \frac{\sigma(z_i) - y_i}{n}:$$
#
# prediction minus truth, so the loss is nearly flat where the answer is right and sure. At $z = 0$
# it is $(0.5 - y)/n$. That point deserves care: both $\max(z, 0)$ and $|z|$ have a kink there. The
# kinks cancel if each takes its middle slope, as `torch.maximum` ($\frac12$ at a tie) and
# `torch.abs` (0) do; `torch.clamp` takes 1 and `torch.relu` takes 0. A model that starts from zero
# has *all* its logits there.

# %% nbgrader={"grade": false, "grade_id": "bce_loss", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def bce_loss(logits: Tensor, y: Tensor) -> Tensor:
    """Mean binary cross-entropy from logits:
    (1/n) sum_i [ log(1 + exp(z_i)) - z_i y_i ].

    Write it yourself: no ready loss from torch.nn or
    torch.nn.functional.

    Args:
        logits: z, floating, (n,), n >= 1; any finite size, +-1000
            for example.
        y: labels in {0, 1}, (n,), of a floating or an integer dtype.
            Neither argument is changed.

    Returns:
        A 0-d tensor with the floating dtype and the device of the
        logits. It is finite, and so are its gradients:
        (sigmoid(z_i) - y_i) / n for z_i, and so (0.5 - y_i) / n
        at z_i = 0.
    """
    ### BEGIN SOLUTION
    y = y.to(logits.dtype)
    larger = torch.maximum(logits, torch.zeros_like(logits))
    softplus = larger + torch.log1p(torch.exp(-logits.abs()))  # log(1 + exp(z))
    return (softplus - logits * y).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_bce_loss", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("bce_loss", points=6)
# def test_bce_loss(expect):
#     loss = bce_loss(torch.tensor([0.0, 0.0]), torch.tensor([0.0, 1.0]))
#     odds = "Even odds cost log 2, whatever the label."
#     expect(loss, torch.tensor(0.6931), "The loss", odds, within=1e-4)
#     loss = bce_loss(torch.tensor([2.0, 2.0]), torch.tensor([1, 0]))
#     mean = ("It is the mean of 0.1269 and 2.1269; labels may be "
#             "integers.")
#     expect(loss, torch.tensor(1.1269), "The loss for integer labels",
#            mean, within=1e-4)
#     loss = bce_loss(torch.tensor([1000.0, -1000.0]),
#                     torch.tensor([0.0, 1.0]))
#     sure = ("Sure and wrong costs 1000 each: work with logits, not "
#             "with log(p).")
#     expect(loss, torch.tensor(1000.0), "The loss at +-1000", sure)
#
#     z = torch.tensor([0.0, 0.0, 1000.0, -1000.0], requires_grad=True)
#     loss = bce_loss(z, torch.tensor([0.0, 1.0, 0.0, 1.0]))
#     slope = expect.gradient(loss, z, "The gradient of the loss")
#     far = "It is (p - y) / n for each logit."
#     expect(slope[2:], torch.tensor([0.25, -0.25]),
#            "The gradient of the loss at +-1000", far)
#     kinks = "It is (0.5 - y) / n there: look at the kinks."
#     expect(slope[:2], torch.tensor([0.125, -0.125]),
#            "The gradient of the loss at z = 0", kinks)

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_bce_loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Read the figure from the middle outwards. Right and sure costs almost nothing. Wrong and sure
# costs as much as the logit is large: the curve becomes a straight line, so that its slope, which
# drives the learning, never exceeds 1.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_bce_loss", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("bce_loss")
# def figure_bce_loss():
#     z = torch.linspace(-6, 6, 241)
#
#     fig, ax = plt.subplots(figsize=(6, 3.4))
#     for label, colour, style, x, side in [(1, BLUE, "-", -5.1, "left"), (0, ORANGE, "--", 5.1, "right")]:
#         losses = [bce_loss(one, torch.full_like(one, label)) for one in z.split(1)]
#         ax.plot(z, losses, color=colour, linestyle=style, linewidth=2.5)
#         ax.text(x, 5.6, f"truth $y = {label}$", color=colour, ha=side)
#     ax.plot(0, bce_loss(torch.zeros(1), torch.zeros(1)), "o", color=INK, markersize=6)
#     ax.annotate(r"even odds: $\log 2$", (0, 0.693), (0, 2.6), color=INK, ha="center",
#                 arrowprops={"arrowstyle": "->", "color": INK, "shrinkB": 5})
#     ax.set(xlabel="logit $z$", ylabel="loss", ylim=(-0.15, 6.2), title="Being sure is cheap if right, dear if wrong")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_LogisticRegression", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3. The model  *(4 points)*
#
# $$z = X\,\mathbf w + b$$
#
# This is a linear layer with one output. A `torch.nn.Module` keeps its parameters where PyTorch can
# find them: `model.parameters()` lists them for an optimiser, and `model.to(...)` moves them all. A
# layer or a `torch.nn.Parameter` is registered when you assign it to `self`; a plain tensor is not,
# and no optimiser would ever see it.
#
# Three facts to build on:
#
# - `torch.nn.Linear(m, 1)` gives shape $(n, 1)$, and our logits are $(n,)$. Do drop that axis:
#   $(n, 1)$ against labels $(n,)$ would broadcast to $(n, n)$ without a word, and the loss would be
#   the mean of the wrong things. Drop only *that* axis: with a single example, `squeeze()` would
#   drop both.
# - A `Linear` starts at random. Ours starts at zero, so that everyone's training runs alike; with
#   one layer, zero is a fine start.
# - The model returns logits, not probabilities, because the loss wants logits.
#
# For $m = 2$ and $n = 5$: `X` is $(5, 2)$, the logits are $(5,)$, there are $2 + 1 = 3$ numbers to
# learn, and an untrained model gives logit 0, so $p = 0.5$, for everything.

# %% nbgrader={"grade": false, "grade_id": "LogisticRegression", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
class LogisticRegression(torch.nn.Module):
    """One linear layer: logits z = X w + b.

    Two registered parameters that start at zero: the m weights, and
    the bias. They are float32 on the CPU, as in any module, until
    `model.to(...)` moves or casts them.
    """

    def __init__(self, num_features: int) -> None:
        """Make the parameters for examples with num_features = m
        features, all zero."""
        super().__init__()
        ### BEGIN SOLUTION
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)
        ### END SOLUTION

    def forward(self, X: Tensor) -> Tensor:
        """The logits, (n,), of the examples X, (n, m); for one row,
        n = 1, the shape is (1,).

        X has the device and dtype of the parameters, and so have the
        logits. X is not changed.
        """
        ### BEGIN SOLUTION
        return self.linear(X).squeeze(-1)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_LogisticRegression", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("LogisticRegression", points=4)
# def test_LogisticRegression(expect):
#     model = LogisticRegression(2)
#     X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
#     module = "LogisticRegression should be a torch.nn.Module."
#     expect.that(isinstance(model, torch.nn.Module), module)
#     sizes = sorted(each.numel() for each in model.parameters())
#     two = (f"There should be two parameters, of 2 weights and of 1 "
#            f"bias; there are sizes {sizes}.")
#     expect.that(sizes == [1, 2], two)
#     expect.alike(model(X), X[:, 0], "The logits")
#     expect.alike(model(X[:1]), X[:1, 0],
#                  "The logits of one example in a batch")
#     expect(model(X), torch.zeros(3), "The logits at the start",
#            "Weights and bias start at zero.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_train", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. Train  *(7 points)*
#
# Gradient descent repeats four lines, and almost every PyTorch program has them:
#
# 1. clear the gradients, for `backward()` *adds* to what is there;
# 2. compute the loss of all examples (the **full batch**);
# 3. `loss.backward()` fills every parameter's `.grad`;
# 4. step: $\theta \leftarrow \theta - \eta\, \partial L / \partial \theta$ for every parameter
#    $\theta$, without recording it.
#
# `torch.optim.SGD` does 1 and 4, and so do a few lines of your own.
#
# **One step by hand.** One feature, $x = 1$ with $y = 1$ and $x = -1$ with $y = 0$, rate
# $\eta = 1$. At $w = b = 0$ both logits are 0, both $p = 0.5$, and the loss is $\log 2 = 0.6931$.
# The residuals $p - y$ are $-0.5$ and $0.5$:
#
# $$\frac{\partial L}{\partial w} = \frac{(-0.5)(1) + (0.5)(-1)}{2} = -0.5, \qquad
# \frac{\partial L}{\partial b} = \frac{-0.5 + 0.5}{2} = 0.$$
#
# So $w = 0.5$ and $b = 0$ after the step. The logits are now $0.5$ and $-0.5$, and the loss is
# $\log(1 + e^{-0.5}) = 0.4741$.
#
# The data may lie elsewhere than the model: on the CPU, say, with the model on a GPU. Training
# moves them to it; a parameter knows where: `X.to(parameter)` gives `X` the device and the dtype of
# `parameter`.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def train(
    model: torch.nn.Module, X: Tensor, y: Tensor,
    lr: float, epochs: int
) -> list[float]:
    """Full-batch gradient descent on bce_loss: `epochs` steps
    p <- p - lr * dL/dp.

    Args:
        model: any module with parameters whose forward gives logits
            (n,). Its parameters are updated in place. Its train/eval
            mode is left as it is, and either will do.
        X: examples, (n, m), on any device; moved to the model's device
            and floating dtype.
        y: labels in {0, 1}, (n,), floating or integer; moved likewise.
            The caller's X and y are not changed.
        lr: the learning rate, positive.
        epochs: the number of steps.

    Returns:
        The loss before each step, as Python floats: `epochs` of them;
        [] for epochs=0. No step sees a gradient of an earlier one, nor
        one that lay in .grad before the call.
    """
    ### BEGIN SOLUTION
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses: list[float] = []
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("train", points=7)
# def test_train(expect):
#     X, y = torch.tensor([[1.0], [-1.0]]), torch.tensor([1, 0])
#     losses = train(LogisticRegression(1), X, y, lr=1.0, epochs=2)
#     expect.items(losses, 2, "The list of losses", kind=list)
#     expect(losses[0], 0.6931, "The loss before the first step",
#            "It is log 2.", within=1e-4)
#     step = "It is in the text above: look at the step and its rate."
#     expect(losses[1], 0.4741, "The loss after one step", step,
#            within=1e-4)
#
#     model = LogisticRegression(1)
#     bce_loss(model(X), y).backward()  # a gradient from before
#     train(model, X, y, lr=1.0, epochs=1)
#     before = ("A gradient from before the call took part in the "
#               "step: clear it first.")
#     expect.that(abs(model(X)[0].item() - 0.5) < 1e-6, before)

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_train", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Watch the loss
#
# Two overlapping clouds of 100 examples each: no line separates them, so a perceptron would never
# stop. Here the loss settles, and the rate decides how soon. All three curves start at $\log 2$,
# for zero weights mean even odds.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "example_data", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# def make_clouds():
#     """Two overlapping clouds: 200 examples, (200, 2), and their labels, 0 and 1, (200,)."""
#     noise = torch.randn(200, 2, generator=torch.Generator().manual_seed(41))
#     labels = torch.arange(200) % 2
#     centres = torch.tensor([[-1.0, -0.7], [1.0, 0.7]])  # of class 0, of class 1
#     return centres[labels] + noise, labels
#
# X_cloud, y_cloud = make_clouds()

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_loss", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("train")
# def figure_loss():
#     fig, ax = plt.subplots(figsize=(6.4, 3.4))
#     for lr, colour, style in [(0.01, GREY, ":"), (0.05, ORANGE, "--"), (1.0, BLUE, "-")]:
#         losses = train(LogisticRegression(2), X_cloud, y_cloud, lr=lr, epochs=100)
#         ax.plot(losses, color=colour, linestyle=style, linewidth=2.5)
#         ax.text(101, losses[-1], f"rate {lr:g}", color=colour, va="center")
#     ax.plot(0, losses[0], "o", color=INK, markersize=6, clip_on=False)
#     ax.annotate(r"$\log 2$", (0, losses[0]), (9, losses[0]), va="center", color=INK,
#                 arrowprops={"arrowstyle": "->", "color": INK, "shrinkB": 5})
#     ax.set(xlabel="step", ylabel="loss", xlim=(0, 113), ylim=(0, 0.8), xticks=range(0, 101, 20), title="Same valley, different pace")
#     plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_predict", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Predict  *(4 points)*
#
# The label is 1 where $p \ge 0.5$. The sigmoid rises through $\frac12$ at 0, so no probability has
# to be computed:
#
# $$p \ge 0.5 \iff z \ge 0$$
#
# | logit $z$ | $-0.3$ | $0$ | $1.2$ |
# |:--|--:|--:|--:|
# | $p$ | $0.426$ | $0.5$ | $0.769$ |
# | label | 0 | 1 | 1 |
#
# Prediction is not training, and two habits say so.
#
# - `with torch.no_grad():` records no graph, which saves memory and time.
# - `model.eval()` turns off what belongs to training only, such as dropout. It changes the model,
#   so put back what you found: every module inside has a `training` flag of its own. (A logistic
#   regression answers alike in both modes. Your function takes any model; it may leave the modes
#   alone, but must not leave them changed.)

# %% nbgrader={"grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["raises-exception"]
def predict(model: torch.nn.Module, X: Tensor) -> Tensor:
    """Labels by p >= 0.5, that is, by logit >= 0.

    Args:
        model: a module whose forward gives logits (n,). Afterwards it
            is in the train/eval mode in which it was before; its
            parameters and their .grad are not changed.
        X: examples, (n, m), with the device and dtype of the model.
            They are not changed.

    Returns:
        int64 labels in {0, 1}, (n,), on the device of X; 1 where p is
        exactly 0.5.
    """
    ### BEGIN SOLUTION
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            return (model(X) >= 0).long()
    finally:
        for module, training in modes:
            module.training = training
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_predict", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "raises-exception"]
# @examples_of("predict", points=4)
# def test_predict(expect):
#     model, X = LogisticRegression(1), torch.tensor([[1.0], [-1.0]])
#     odds = ("An untrained model says p = 0.5 for everything, "
#             "and p >= 0.5 is label 1.")
#     expect(predict(model, X), torch.tensor([1, 1]), "The labels", odds)
#     train(model, X, torch.tensor([1, 0]), lr=1.0, epochs=1)
#     step = "After the step by hand the logits are 0.5 and -0.5."
#     expect(predict(model, X), torch.tensor([1, 0]), "The labels", step)
#     for mode in (True, False):
#         model.train(mode)
#         predict(model, X)
#         left = (f"The model had training={mode} before predict, and "
#                 f"has {model.training} after it.")
#         expect.that(model.training is mode, left)

# %% [markdown] nbgrader={"grade": false, "grade_id": "look_at_predict", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### The whole picture
#
# The map shows the probability that your trained model gives to label 1 at each place. The line is
# $p = 0.5$: straight, as the perceptron's was. What is new lies on either side of it: the colour
# fades where the model is unsure. Ringed examples are on the wrong side, and most of them lie
# between the dashed lines, where it had said so.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "figure_probability", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# @draw_with("sigmoid", "LogisticRegression", "train", "predict")
# def figure_probability():
#     model = LogisticRegression(2)
#     train(model, X_cloud, y_cloud, lr=1.0, epochs=200)
#     wrong = predict(model, X_cloud) != y_cloud
#
#     ticks = torch.linspace(-4.2, 4.2, 300)
#     x2, x1 = torch.meshgrid(ticks, ticks, indexing="ij")
#     with torch.no_grad():
#         p = sigmoid(model(torch.stack([x1.flatten(), x2.flatten()], dim=1))).reshape(x1.shape)
#
#     fig, ax = plt.subplots(figsize=(6.4, 5.6))
#     image = ax.imshow(p, extent=(-4.2, 4.2, -4.2, 4.2), origin="lower", cmap=FADE, vmin=0, vmax=1)
#     bands = ax.contour(x1, x2, p, levels=[0.1, 0.5, 0.9], colors=INK, linewidths=[0.8, 2, 0.8], linestyles=["--", "-", "--"])
#     ax.clabel(bands, fmt="p = %.1f", fontsize=9, manual=[(1.2, -3.4), (2.3, -3.4), (3.3, -3.4)])
#     ax.scatter(*X_cloud[y_cloud == 1].T, s=30, color=BLUE, marker="o", edgecolor="white", linewidth=0.7, label="$y = 1$")
#     ax.scatter(*X_cloud[y_cloud == 0].T, s=30, color=ORANGE, marker="s", edgecolor="white", linewidth=0.7, label="$y = 0$")
#     ax.scatter(*X_cloud[wrong].T, s=95, facecolor="none", edgecolor=INK, linewidth=1.3, label="wrong side")
#     fig.legend(loc="outside lower center", ncol=3, frameon=False)
#     ax.set(xlabel="$x_1$", ylabel="$x_2$",
#            title=f"A straight boundary with doubt on both sides\n{wrong.sum()} of {len(wrong)} examples are on the wrong side")
#     fig.colorbar(image, ax=ax, label="probability of label 1", ticks=[0, 0.1, 0.5, 0.9, 1])
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
#     X = torch.tensor([[2.0, 1.0], [-1.0, 3.0]], device=home)
#     y = torch.tensor([1.0, 0.0], device=home)
#
#     def model():
#         with torch.device("cpu"):  # a module is made there, and then moved
#             return LogisticRegression(2).to(home)
#
#     def trained():  # the data still lie on the CPU: `train` moves them
#         moved = model()
#         train(moved, X.cpu(), y.cpu(), lr=1.0, epochs=2)
#         return list(moved.parameters())
#
#     return {
#         "sigmoid": lambda: sigmoid(X),
#         "bce_loss": lambda: bce_loss(X[0], y),
#         "LogisticRegression": lambda: model()(X),
#         "train": trained,
#         "predict": lambda: predict(model(), X),
#     }
#
# if not IMPORTED:
#     show_devices(make_calls)

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_playground", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Playground
#
# In the spirit of [playground.tensorflow.org](https://playground.tensorflow.org): choose the data and the
# learning rate, press play, and watch *your* `train` push the boundary and the loss. The map shows the
# probability of label 1 by your `sigmoid`, the line where it is one half; examples that your `predict` has
# on the wrong side are ringed. Things to try:
#
# - **XOR.** Opposite corners have the same label. The loss stays at $\log 2$, the price of a guess, and the
#   map stays pale: no straight line helps, and the model says so. Now add the feature $x_1 x_2$. The
#   boundary is still straight in three features; in these two it bends.
# - **The rate.** From zero it made no difference to the perceptron. Here it does: too small and the loss
#   creeps, too large and it jumps.
# - **Separable, and noisy.** On which does the loss go on falling for ever, and on which does it settle?
#
# Everything can be reached by keyboard: Tab goes to the next control, the space bar chooses and presses, the
# arrow keys slide. Controls need `pip install ipywidgets`. Where they cannot be shown, a picture stands here instead: the data sets in
# columns, XOR twice, the map after a hundred steps above, and the loss for three rates below.

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
# import math
#
# from matplotlib.figure import Figure  # not pyplot's: each move of a control makes a figure, and none is kept
#
# def features(points, product):
#     """The points as they are, (n, 2), or with x1 x2 beside them, (n, 3)."""
#     return torch.cat([points, points.prod(dim=1, keepdim=True)], dim=1) if product else points
#
# def learn(name, product, lr, epochs):
#     """A model of yours, trained by your `train`; its losses, before each step and after the last; and X, y."""
#     points, side = PLAYGROUND[name]
#     X, y = features(points, product), (side > 0).long()
#     model = LogisticRegression(X.shape[1])
#     losses = train(model, X, y, lr=lr, epochs=epochs)
#     if not isinstance(losses, list) or len(losses) != epochs:
#         raise ValueError(f"train should return a list of {epochs} losses, not {losses}")
#     with torch.no_grad():
#         losses = torch.tensor([*losses, bce_loss(model(X), y)])
#     if not losses.isfinite().all():
#         raise ValueError("some losses are not finite")
#     return model, losses, X, y
#
# def draw_map(ax, model, product, X, y, size=42, reach=4.2):
#     """The probability of label 1, and the examples with a ring around each on the wrong side; how many those are."""
#     ticks = torch.linspace(-reach, reach, 120)
#     x2, x1 = torch.meshgrid(ticks, ticks, indexing="ij")
#     with torch.no_grad():
#         p = sigmoid(model(features(torch.stack([x1.flatten(), x2.flatten()], dim=1), product))).reshape(x1.shape)
#     wrong = predict(model, X) != y
#     ax.imshow(p, extent=(-reach, reach) * 2, origin="lower", cmap=FADE, vmin=0, vmax=1)
#     if p.min() < 0.5 < p.max():
#         ax.contour(x1, x2, p, levels=[0.1, 0.5, 0.9], colors=INK, linewidths=[0.8, 2, 0.8],
#                    linestyles=["--", "-", "--"])
#     ax.scatter(*X[y == 1, :2].T, s=size, color=BLUE, marker="o", edgecolor="white", zorder=3, label="$y = 1$")
#     ax.scatter(*X[y == 0, :2].T, s=size, color=ORANGE, marker="s", edgecolor="white", zorder=3, label="$y = 0$")
#     ax.scatter(*X[wrong, :2].T, s=3 * size, facecolor="none", edgecolor=INK, linewidth=1.2, zorder=4,
#                label="wrong side")
#     ax.set(xlabel="$x_1$", xlim=(-reach, reach), ylim=(-reach, reach), xticks=[-3, 0, 3], yticks=[-3, 0, 3])
#     return int(wrong.sum())
#
# def draw_play(name, product, lr, epochs, most):
#     """A model after `epochs` steps of at most `most`: a figure, and a sentence about it."""
#     model, losses, X, y = learn(name, product, lr, epochs)
#
#     fig = Figure(figsize=(9, 4.1), layout="none")
#     left, right = fig.subplots(1, 2, width_ratios=[1, 1.25])
#     fig.subplots_adjust(left=0.06, right=0.985, top=0.9, bottom=0.23, wspace=0.2)
#     wrong = draw_map(left, model, product, X, y)
#     left.set_ylabel("$x_2$", labelpad=0)
#     left.set_title(f"Probability of label 1 at step {epochs}")
#     right.axhline(math.log(2), color=GREY, linewidth=1, linestyle="--")
#     right.text(most, math.log(2), r"$\log 2$, a guess ", color=GREY, ha="right", va="bottom")
#     right.plot(losses, color=BLUE, linewidth=2.5)
#     right.plot(epochs, losses[-1], "o", color=BLUE, markersize=7, clip_on=False, zorder=4)
#     right.set(xlim=(0, most), ylim=(0, max(1.0, 1.1 * losses.max())), xlabel="step", title=f"Loss: {losses[-1]:.3f}")
#     fig.legend(*left.get_legend_handles_labels(), loc="lower center", ncols=3, frameon=False)
#     return fig, (
#         f"{name}{' with x₁x₂' if product else ''}, η = {lr:g}, step {epochs}: the loss is {losses[-1]:.3f}, "
#         f"and {wrong} of {len(X)} examples are on the wrong side."
#     )
#
# def draw_all(rates=(0.1, 1.0, 10.0), epochs=100):
#     """All data sets, each at three rates: a figure, and a sentence about it."""
#     columns = {name: (name, False) for name in PLAYGROUND} | {"XOR with $x_1 x_2$": ("XOR", True)}
#     fig = Figure(figsize=(10.4, 5))
#     axes = fig.subplots(2, len(columns), sharey="row", height_ratios=[1.25, 1])
#     said = []
#     for (title, (name, product)), (top, bottom) in zip(columns.items(), axes.T):
#         runs = [learn(name, product, lr, epochs) for lr in rates]
#         for (_, losses, _, _), lr, colour, style in zip(runs, rates, [GREY, BLUE, ORANGE], [":", "-", "--"]):
#             bottom.plot(losses, color=colour, linestyle=style, linewidth=2, label=rf"loss with $\eta = {lr:g}$")
#         model, losses, X, y = runs[1]
#         draw_map(top, model, product, X, y, size=20)
#         top.set_title(title)
#         bottom.set(xlabel="step", xlim=(0, epochs), ylim=(0, 1))
#         said.append(f"{losses[-1]:.2f} on {title.replace('$x_1 x_2$', 'x₁x₂')}")
#     axes[0, 0].set_ylabel("$x_2$")
#     axes[1, 0].set_ylabel("loss")
#     handles, labels = axes[0, 0].get_legend_handles_labels()
#     curves, rate_labels = axes[1, 0].get_legend_handles_labels()
#     fig.legend(handles + curves, labels + rate_labels, loc="outside lower center", ncols=6, frameon=False)
#     fig.suptitle("On XOR no line beats a guess, until a feature bends it")
#     return fig, f"After {epochs} steps with η = 1 the loss of your model is {', '.join(said)}; a guess costs 0.69."

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
# PLAYS_WITH = "sigmoid, bce_loss, LogisticRegression, train and predict"
#
# def make_controls(widgets, most=100):
#     """Controls, and the picture that they change."""
#     style, wide = {"description_width": "4.5em"}, {"width": "34em"}
#     data = widgets.RadioButtons(options=list(PLAYGROUND), description="data set", orientation="horizontal")
#     eta = widgets.RadioButtons(
#         options=[("0.01", 0.01), ("0.1", 0.1), ("1", 1.0), ("10", 10.0), ("100", 100.0)],
#         value=1.0, description="rate η", orientation="horizontal",
#     )
#     product = widgets.Checkbox(False, description="add the feature x₁x₂", indent=False, layout={"width": "auto"})
#     ticker = widgets.Play(interval=150, max=most, show_repeat=False, tooltip="some six steps a second")
#     step = widgets.Button(description="Step", tooltip="take one more step", layout={"width": "5em"})
#     epochs = widgets.IntSlider(0, 0, most, description="steps", style=style, layout=wide, tooltip="steps taken so far")
#     picture = widgets.HTML()
#
#     def redraw(_=None):
#         try:
#             fig, sentence = draw_play(data.value, product.value, eta.value, epochs.value, most)
#         except Exception as error:  # your function may raise anything; here it becomes a sentence
#             picture.value = escape(excuse(error))
#         else:
#             picture.value = captioned(fig, sentence)
#
#     def next_step(_):
#         epochs.value = min(epochs.value + 1, most)
#
#     for control in (data, eta, product, epochs):
#         control.observe(redraw, "value")
#     step.on_click(next_step)
#     widgets.jslink((ticker, "value"), (epochs, "value"))
#     redraw()
#     top = widgets.HBox([data, eta, product])
#     return widgets.VBox([top, widgets.HBox([ticker, step, epochs]), picture])
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
# ## What to try next
#
# At [playground.tensorflow.org](https://playground.tensorflow.org) you can change the inputs, the
# features and the rate, and watch a classifier's boundary and loss move as it learns. Take away its
# hidden layers, and the boundary is straight, as yours is. Then add $x_1 x_2$ to the features, or a
# layer, and see what a straight line could not do. In your own code that is one more
# `torch.nn.Linear` and a curve between the two; `bce_loss`, `train` and `predict` take such a model
# as they stand.

# %% [markdown] nbgrader={"grade": false, "grade_id": "about_progress", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Where you stand
#
# The table runs the examples of all exercises once more. Run its cell whenever you want to know.

# %% jupyter={"source_hidden": true} nbgrader={"grade": false, "grade_id": "progress", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb", "hide-input"]
# show_progress(sigmoid=4, bce_loss=6, LogisticRegression=4, train=7, predict=4)
