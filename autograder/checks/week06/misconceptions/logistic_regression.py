"""What students get wrong about logistic regression. The file is read, never imported."""

# --- sigmoid --------------------------------------------------------------------------------------


@of("sigmoid")
def gradient_overflows(z):
    """exp(-z) overflows far below zero: the value survives as 0, but the gradient becomes NaN. Use exp(-|z|)."""
    return 1 / (1 + torch.exp(-z))


@of("sigmoid")
def infinity_over_infinity(z):
    """exp(z) overflows far above zero, and infinity over infinity is NaN. Look at z = 1000."""
    return torch.exp(z) / (1 + torch.exp(z))


@of("sigmoid")
def sign_of_the_exponent(z):
    """The exponent has the wrong sign: a large positive z should have a probability near 1."""
    t = torch.exp(-z.abs())
    return torch.where(z >= 0, t / (1 + t), 1 / (1 + t))


@of("sigmoid")
def clamped_too_early(z):
    """The logits are clamped to +-5: beyond that the sigmoid goes on towards 0 and 1."""
    return 1 / (1 + torch.exp(-z.clamp(-5, 5)))


@of("sigmoid")
def by_a_distribution(z):
    """This calls a ready sigmoid, by its own name or by way of something else: write it with exp."""
    return torch.distributions.Bernoulli(logits=z).probs


@of("sigmoid")
def slope_of_one_half_at_zero(z):
    """At z = 0 the gradient is 1/4: both branches of a sum count there, where min and max have a kink."""
    return 1 / (1 + torch.exp(-z.clamp(min=0))) + 1 / (1 + torch.exp(-z.clamp(max=0).clamp(min=-80))) - 0.5


@of("sigmoid")
def tanh_not_halved(z):
    """tanh has the right shape but the wrong scale: sigmoid(z) = (1 + tanh(z / 2)) / 2."""
    return (1 + torch.tanh(z)) / 2


@of("sigmoid", keeps=0.5)
def in_float32(z):
    """The result should have the dtype of z; here a float64 tensor comes back as float32."""
    z = z.float()
    t = torch.exp(-z.abs())
    return torch.where(z >= 0, 1 / (1 + t), t / (1 + t))


@of("sigmoid")
def detached_from_the_graph(z):
    """The numbers are right, but .detach() cuts the graph: no gradient flows back to z."""
    z = z.detach()
    t = torch.exp(-z.abs())
    return torch.where(z >= 0, 1 / (1 + t), t / (1 + t))


@of("sigmoid")
def half_precision_on_an_accelerator(z):
    """Sixteen bits are faster on an accelerator, but nobody asked for them: the dtype of z stays, wherever z lies."""
    z = z if z.device.type == "cpu" else z.half()
    positive = z >= 0
    t = torch.exp(torch.where(positive, -z, z))
    return torch.where(positive, 1.0, t) / (1 + t)


@of("sigmoid")
def divided_by_the_sum(z):
    """This divides by the sum over all elements: sigmoid looks at each element alone."""
    t = torch.exp(z - z.max())
    return t / t.sum()


@of("sigmoid")
def one_dimension_only(z):
    """z may have any shape, and a 0-d tensor has no elements to go through: exp takes a whole tensor."""
    return torch.stack([torch.where(each >= 0, 1.0, torch.exp(each)) / (1 + torch.exp(-each.abs())) for each in z])


@of("sigmoid")
def negated_in_place(z):
    """neg_() changes the caller's logits, and PyTorch refuses it for a leaf that requires grad: -z is a new tensor."""
    positive = z >= 0
    t = torch.exp(torch.where(positive, z.neg_(), -z))
    return torch.where(positive, 1.0, t) / (1 + t)


@of("sigmoid")
def moved_to_cuda_or_else_the_cpu(z):
    """The argument is moved to "cuda" or "cpu", wherever it was: the probabilities should lie where z lies."""
    z = z.to("cuda" if torch.cuda.is_available() else "cpu")
    positive = z >= 0
    t = torch.exp(torch.where(positive, -z, z))
    return torch.where(positive, 1.0, t) / (1 + t)


@of("sigmoid")
def clamped_at_thirty(z):
    """The logits are clamped to +-30, and at -1000 a little is left: there the sigmoid is exactly 0."""
    return 1 / (1 + torch.exp(-z.clamp(-30, 30)))


@of("sigmoid")
def exponent_without_its_minus(z):
    """The exponent has lost its minus: 1 / (1 + exp(z)) is one minus the sigmoid."""
    return 1 / (1 + torch.exp(z))


@of("sigmoid")
def minus_for_plus(z):
    """The denominator is 1 + exp(-z), not 1 - exp(-z)."""
    return 1 / (1 - torch.exp(-z))


@of("sigmoid")
def if_on_a_tensor(z):
    """`if` asks for one truth value, and a tensor gives one for each element: torch.where decides for each."""
    if z >= 0:
        return 1 / (1 + torch.exp(-z))
    return torch.exp(z) / (1 + torch.exp(z))


@of("sigmoid", uses="where")
def both_branches_of_where(z):
    """torch.where computes both branches, and the one that overflows makes the gradient NaN: exp(-|z|) cannot."""
    return torch.where(z >= 0, 1 / (1 + torch.exp(-z)), torch.exp(z) / (1 + torch.exp(z)))


# --- bce_loss -------------------------------------------------------------------------------------


@of("bce_loss")
def log_of_nought(logits, y):
    """Far from zero the probability rounds to 0 or 1, and log(0) is infinite: work with the logits themselves."""
    p = sigmoid(logits)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@of("bce_loss")
def probabilities_clamped(logits, y):
    """Clamping p away from 0 and 1 hides the infinity but caps the loss, and its gradient is 0 there."""
    p = sigmoid(logits).clamp(1e-7, 1 - 1e-7)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@of("bce_loss", keeps=0.5)
def sum_for_mean(logits, y):
    """This is the sum over the examples: the 1/n is missing."""
    zero = torch.zeros_like(logits)
    return (torch.maximum(logits, zero) - logits * y + torch.log1p(torch.exp(-logits.abs()))).sum()


@of("bce_loss")
def one_for_each_example(logits, y):
    """This is a loss for each example; the loss of the batch is their mean, one number."""
    zero = torch.zeros_like(logits)
    return torch.maximum(logits, zero) - logits * y + torch.log1p(torch.exp(-logits.abs()))


@of("bce_loss", keeps=0.5)
def sign_flipped(logits, y):
    """The sign is flipped: this is the log-likelihood, which is to be large; the loss is minus that."""
    zero = torch.zeros_like(logits)
    return (logits * y - torch.maximum(logits, zero) - torch.log1p(torch.exp(-logits.abs()))).mean()


@of("bce_loss", keeps=0.5)
def labels_swapped(logits, y):
    """The two classes are swapped: y = 1 should pay for a small p, y = 0 for a large one."""
    y = 1 - y
    zero = torch.zeros_like(logits)
    return (torch.maximum(logits, zero) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


@of("bce_loss")
def only_the_ones_pay(logits, y):
    """The examples with y = 0 pay nothing here: the term (1 - y) log(1 - p) is missing."""
    softplus = torch.maximum(-logits, torch.zeros_like(logits)) + torch.log1p(torch.exp(-logits.abs()))
    return (y * softplus).mean()


@of("bce_loss")
def squared_error_instead(logits, y):
    """This is the squared error of the probabilities, not the cross-entropy."""
    return (sigmoid(logits) - y).square().mean()


@of("bce_loss", uses="clamp")
def clamp_has_a_kink(logits, y):
    """At a logit of 0 the gradient is (0.5 - y) / n, but clamp takes the slope 1 at its kink: use torch.maximum."""
    return (logits.clamp(min=0) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


@of("bce_loss", uses="zeros")
def zeros_on_the_default_device(logits, y):
    """torch.zeros makes its zeros on the CPU unless a device is named: they should be made where the logits lie."""
    high = torch.maximum(logits, torch.zeros(len(logits), dtype=logits.dtype))
    return (high - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


@of("bce_loss")
def by_the_ready_loss(logits, y):
    """This is PyTorch's own loss: write it yourself, with exp, log and mean."""
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, y.to(logits.dtype))


@of("bce_loss")
def labels_of_the_same_dtype_only(logits, y):
    """Labels may be integers as well, and a dot product takes no two dtypes: convert y first."""
    softplus = torch.maximum(logits, torch.zeros_like(logits)) + torch.log1p(torch.exp(-logits.abs()))
    return (softplus.sum() - torch.dot(logits, y)) / len(y)


@of("bce_loss")
def labels_made_signs_in_place(logits, y):
    """`y *= 2` writes into the caller's labels: make a new tensor."""
    y *= 2
    y -= 1
    z = -logits * y
    return (torch.maximum(z, torch.zeros_like(z)) + torch.log1p(torch.exp(-z.abs()))).mean()


@of("bce_loss")
def loss_in_float32(logits, y):
    """The loss should have the dtype of the logits; here float64 comes back as float32."""
    softplus = torch.maximum(logits, torch.zeros_like(logits)) + torch.log1p(torch.exp(-logits.abs()))
    return (softplus - logits * y).mean().float()


@of("bce_loss")
def labels_in_a_column(logits, y):
    """(n, 1) against (n,) gives (n, n), every logit with every label: keep both in shape (n,)."""
    y = y.reshape(-1, 1)
    zero = torch.zeros_like(logits)
    return (torch.maximum(logits, zero) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


@of("bce_loss")
def logits_taken_for_probabilities(logits, y):
    """The logits are no probabilities, and the log of a negative one is NaN: p = sigmoid(z)."""
    return -(y * torch.log(logits) + (1 - y) * torch.log(1 - logits)).mean()


@of("bce_loss")
def a_python_number(logits, y):
    """A Python number, as .item() makes one, has no graph: the loss should stay a 0-d tensor."""
    zero = torch.zeros_like(logits)
    return (torch.maximum(logits, zero) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean().item()


@of("bce_loss")
def exp_overflows(logits, y):
    """exp(z) is infinite for a large logit, though log(1 + exp(z)) is about z: use exp(-|z|), which cannot overflow."""
    return (torch.log(1 + torch.exp(logits)) - logits * y).mean()


@of("bce_loss")
def small_number_in_the_log(logits, y):
    """A small number inside the log avoids infinity, but it changes the loss: work with the logits themselves."""
    p = sigmoid(logits)
    return -(y * torch.log(p + 1e-8) + (1 - y) * torch.log(1 - p + 1e-8)).mean()


@of("bce_loss")
def graph_cut(logits, y):
    """The number is right, but nothing was recorded: no gradient flows back to the logits."""
    with torch.no_grad():
        zero = torch.zeros_like(logits)
        return (torch.maximum(logits, zero) - logits * y + torch.log1p(torch.exp(-logits.abs()))).mean()


# --- LogisticRegression ---------------------------------------------------------------------------


@of("LogisticRegression")
class ProbabilitiesForLogits(torch.nn.Module):
    """forward should give logits: the sigmoid is applied later, in the loss and in predict."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return sigmoid(self.linear(X).squeeze(-1))


@of("LogisticRegression", keeps=0.5)
class AColumnOfLogits(torch.nn.Module):
    """A linear layer with one output gives shape (n, 1); the logits should have shape (n,)."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return self.linear(X)


@of("LogisticRegression")
class RandomStart(torch.nn.Module):
    """torch.nn.Linear starts at random; this model should start at zero."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)

    def forward(self, X):
        return self.linear(X).squeeze(-1)


@of("LogisticRegression")
class UnregisteredParameters(torch.nn.Module):
    """A plain tensor is no parameter: no optimiser finds it, and .to() does not move it."""

    def __init__(self, num_features):
        super().__init__()
        self.w = torch.zeros(num_features, requires_grad=True)
        self.b = torch.zeros(1, requires_grad=True)

    def forward(self, X):
        return X @ self.w + self.b


@of("LogisticRegression")
class NoBias(torch.nn.Module):
    """The model has no bias: its boundary could only go through the origin."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1, bias=False)
        torch.nn.init.zeros_(self.linear.weight)

    def forward(self, X):
        return self.linear(X).squeeze(-1)


@of("LogisticRegression")
class BrokenGraph(torch.nn.Module):
    """The logits are detached from the graph, so no gradient reaches the parameters."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return self.linear(X).squeeze(-1).detach()


@of("LogisticRegression")
class SqueezedTooMuch(torch.nn.Module):
    """squeeze() without a dimension removes the batch as well where n = 1: name the dimension."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return self.linear(X).squeeze()


@of("LogisticRegression")
class constant_stays_behind(torch.nn.Module):
    """A tensor that forward needs stays behind when the model moves: make it a parameter, or register_buffer it."""

    def __init__(self, num_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(1))
        self.scale = torch.ones(num_features)

    def forward(self, X):
        return (X * self.scale.to(X.dtype)) @ self.weight + self.bias


@of("LogisticRegression")
class OneVectorOfParameters(torch.nn.Module):
    """Two parameters are asked for, the m weights and the bias: this is one vector that holds both."""

    def __init__(self, num_features):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(num_features + 1))

    def forward(self, X):
        return X @ self.w[:-1] + self.w[-1]


@of("LogisticRegression")
class Float64FromTheStart(torch.nn.Module):
    """The parameters are float32 at first, as in any module, until .to() casts them: here they are float64."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1, dtype=torch.float64)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return self.linear(X.double()).squeeze(-1)


@of("LogisticRegression")
class AlwaysTwoFeatures(torch.nn.Module):
    """The model has num_features weights, however many these are: here there are always two."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(2, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return self.linear(X).squeeze(-1)


@of("LogisticRegression")
class LogitsInFloat32(torch.nn.Module):
    """The logits should have the dtype of the parameters; here float64 comes back as float32."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        return self.linear(X).squeeze(-1).float()


@of("LogisticRegression")
class ExamplesWeightedInPlace(torch.nn.Module):
    """mul_() writes the products into the caller's X: X @ w makes a new tensor."""

    def __init__(self, num_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return X.mul_(self.weight).sum(dim=1) + self.bias


@of("LogisticRegression")
class OnesForZeros(torch.nn.Module):
    """The parameters start at zero; here the weights start at one."""

    def __init__(self, num_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return X @ self.weight + self.bias


@of("LogisticRegression")
class SuperForgotten(torch.nn.Module):
    """super().__init__() has to come first in __init__: without it the module can hold no parameters."""

    def __init__(self, num_features):
        self.linear = torch.nn.Linear(num_features, 1)

    def forward(self, X):
        return self.linear(X).squeeze(-1)


@of("LogisticRegression")
class LogitsNotReturned(torch.nn.Module):
    """Nothing comes back from forward: the logits have to stand after `return`."""

    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, X):
        self.linear(X).squeeze(-1)


@of("LogisticRegression")
class BiasSubtracted(torch.nn.Module):
    """The bias is added: the logits are X w + b, and not X w - b."""

    def __init__(self, num_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return X @ self.weight - self.bias


# --- train ----------------------------------------------------------------------------------------


@of("train")
def gradients_never_zeroed(model, X, y, lr, epochs):
    """backward adds to .grad: without zeroing, each step uses the sum of all the gradients so far."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def gradients_zeroed_too_late(model, X, y, lr, epochs):
    """Gradients are zeroed after each step but not before the first: one that lay in .grad before the call counts."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    return losses


@of("train", keeps=0.5)
def loss_after_the_step(model, X, y, lr, epochs):
    """This is the loss after each step; the list should hold the loss before it."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimiser.zero_grad()
        bce_loss(model(X), y).backward()
        optimiser.step()
        losses.append(bce_loss(model(X), y).item())
    return losses


@of("train", keeps=0.5)
def uphill(model, X, y, lr, epochs):
    """The step has the wrong sign: it climbs the loss. Descent subtracts lr times the gradient."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p += lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def never_steps(model, X, y, lr, epochs):
    """The gradients are computed and never used: the parameters do not move."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        losses.append(loss.item())
    return losses


@of("train", keeps=0.5)
def losses_as_tensors(model, X, y, lr, epochs):
    """A list of loss tensors keeps every step's graph alive: loss.item() is the number."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return losses


@of("train")
def only_the_last_loss(model, X, y, lr, epochs):
    """train returns the loss of every step, in a list; this is the last one alone."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    loss = torch.zeros(())
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
    return loss.item()


@of("train")
def one_example_at_a_time(model, X, y, lr, epochs):
    """This steps after each example; full-batch descent takes one step on the loss of all examples."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        losses.append(bce_loss(model(X), y).item())
        for i in range(len(X)):
            optimiser.zero_grad()
            bce_loss(model(X[i : i + 1]), y[i : i + 1]).backward()
            optimiser.step()
    return losses


@of("train")
def momentum_added(model, X, y, lr, epochs):
    """Plain gradient descent has no momentum: a step is lr times this step's gradient, no more."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    losses = []
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@of("train")
def model_moved_but_not_its_data(model, X, y, lr, epochs):
    """X or y stays where it was, and a model elsewhere cannot use it: move both to its parameters' device."""
    like = next(model.parameters())
    X, y = X.to(like.dtype), y.to(like.dtype)
    losses = []
    for _ in range(epochs):
        loss = bce_loss(model(X), y)
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
    return losses


@of("train")
def model_moved_to_its_data(model, X, y, lr, epochs):
    """The data come to the model, not the model to the data: whoever made the model chose where it lies."""
    like = next(model.parameters())
    X, y = X.to(like.dtype), y.to(like.dtype)
    model.to(X.device)
    losses = []
    for _ in range(epochs):
        loss = bce_loss(model(X), y.to(X.device))
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
    return losses


@of("train")
def train_mode_left_on(model, X, y, lr, epochs):
    """model.train() changes the mode that the caller has chosen: train leaves it as it is."""
    model.train()
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def stops_when_little_changes(model, X, y, lr, epochs):
    """Training stops early, when the loss changes by less than 0.001: `epochs` steps are asked for."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
        if len(losses) > 1 and abs(losses[-1] - losses[-2]) < 1e-3:
            break
    return losses


@of("train")
def parameters_by_their_names(model, X, y, lr, epochs):
    """The model may be any module, whatever its parameters are called: model.parameters() goes through them."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            model.weight -= lr * model.weight.grad
            model.bias -= lr * model.bias.grad
        losses.append(loss.item())
    return losses


@of("train", helpers="import copy")
def trains_a_copy(model, X, y, lr, epochs):
    """A copy is trained, and the caller's model stays as it was: its own parameters are updated in place."""
    model = copy.deepcopy(model)
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def data_moved_but_not_cast(model, X, y, lr, epochs):
    """X and y are moved to the model's device, but keep their dtype: its parameters may have another one."""
    device = next(model.parameters()).device
    X, y = X.to(device), y.to(device)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def examples_centred_in_place(model, X, y, lr, epochs):
    """`X -= ...` writes into the caller's examples, which nobody asked to be centred: train on X as it is."""
    X -= X.mean(dim=0)
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def labels_negated_in_place(model, X, y, lr, epochs):
    """neg_() changes the caller's labels, and leaves them so: compute with y as it is."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), (1 + y.neg_()).to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(-model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def learning_rate_fixed(model, X, y, lr, epochs):
    """The learning rate that train is given is not used: each step is 0.1 times the gradient here."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def labels_become_a_column(model, X, y, lr, epochs):
    """The labels are (n, 1) and the logits (n,), so that every logit meets every label: keep both in shape (n,)."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter).reshape(-1, 1)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


@of("train")
def adam_for_plain_descent(model, X, y, lr, epochs):
    """Adam scales each step by the gradients so far; plain gradient descent moves by lr times the gradient."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@of("train")
def zeroed_before_the_step(model, X, y, lr, epochs):
    """No parameter moves, and no gradient is left: zeroed between backward and step, gradients move nothing."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.zero_grad()
        optimiser.step()
        losses.append(loss.item())
    return losses


@of("train")
def only_the_weights_move(model, X, y, lr, epochs):
    """Only the first parameter moves: model.parameters() has the bias as well."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            parameter -= lr * parameter.grad
        losses.append(loss.item())
    return losses


@of("train")
def losses_with_their_graphs(model, X, y, lr, epochs):
    """The losses are tensors, and each keeps its graph: loss.item() is the number."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss)
    return losses


@of("train")
def losses_not_returned(model, X, y, lr, epochs):
    """Nothing comes back from train: the list of losses has to stand after `return`."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        optimiser.zero_grad()
        bce_loss(model(X), y).backward()
        optimiser.step()


@of("train")
def model_for_the_losses(model, X, y, lr, epochs):
    """train changes the model in place, and returns the list of losses; this returns the model."""
    parameter = next(model.parameters())
    X, y = X.to(parameter), y.to(parameter)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        optimiser.zero_grad()
        bce_loss(model(X), y).backward()
        optimiser.step()
    return model


# --- predict --------------------------------------------------------------------------------------


@of("predict")
def logits_against_one_half(model, X):
    """The model gives logits: p >= 0.5 is where the logit is >= 0, not where the logit is >= 0.5."""
    with torch.no_grad():
        return (model(X) >= 0.5).long()


@of("predict")
def nought_on_the_boundary(model, X):
    """p = 0.5 exactly counts as 1: the comparison is >=, not >."""
    with torch.no_grad():
        return (model(X) > 0).long()


@of("predict")
def probabilities_for_labels(model, X):
    """These are probabilities; the label is 1 where they are at least one half."""
    with torch.no_grad():
        return sigmoid(model(X))


@of("predict", keeps=0.5)
def truth_values_for_labels(model, X):
    """A comparison gives True and False; the labels should be int64 numbers, 1 and 0."""
    with torch.no_grad():
        return model(X) >= 0


@of("predict", keeps=0.5)
def floats_for_labels(model, X):
    """The labels should be int64; these are floats."""
    with torch.no_grad():
        return (model(X) >= 0).float()


@of("predict")
def labels_of_the_perceptron(model, X):
    """Logistic regression's labels are 0 and 1; -1 and +1 are the perceptron's."""
    with torch.no_grad():
        return torch.where(model(X) >= 0, 1, -1)


@of("predict")
def left_in_eval_mode(model, X):
    """predict switches the model to eval mode and leaves it there; its mode should be as it was."""
    model.eval()
    with torch.no_grad():
        return (model(X) >= 0).long()


@of("predict")
def left_in_train_mode(model, X):
    """predict puts the model into train mode afterwards, whatever it was; its mode should be as it was."""
    model.eval()
    with torch.no_grad():
        labels = (model(X) >= 0).long()
    model.train()
    return labels


@of("predict", uses="cpu")
def labels_fetched_with_cpu(model, X):
    """.cpu() fetches the labels from the accelerator: they should stay where the model and X lie."""
    with torch.no_grad():
        return (model(X) >= 0).long().cpu()


@of("predict")
def a_column_expected(model, X):
    """The model gives logits of shape (n,), one dimension: there is no column to take."""
    with torch.no_grad():
        return (model(X)[:, 0] >= 0).long()


@of("predict")
def parameters_rounded(model, X):
    """Predicting changes no parameter; here they are rounded in place."""
    with torch.no_grad():
        labels = (model(X) >= 0).long()
        for p in model.parameters():
            p.round_()
    return labels


@of("predict")
def examples_cast_to_float32(model, X):
    """X has the dtype of the model already, which may be float64: cast to float32 it fits no longer."""
    with torch.no_grad():
        return (model(X.float()) >= 0).long()


@of("predict")
def examples_cleared_afterwards(model, X):
    """The caller's X is set to zero afterwards: leave it as it was."""
    with torch.no_grad():
        labels = (model(X) >= 0).long()
        X.zero_()
    return labels


@of("predict")
def labels_turned_round(model, X):
    """The labels are turned round: 1 is for a probability of one half and more."""
    with torch.no_grad():
        return (model(X) < 0).long()


@of("predict")
def index_of_the_largest(model, X):
    """argmax chooses among classes; here each example has one logit, and the label says whether it is >= 0."""
    with torch.no_grad():
        return model(X).argmax()


@of("predict")
def a_column_of_labels(model, X):
    """The labels have shape (n,), not (n, 1)."""
    with torch.no_grad():
        return (model(X) >= 0).long().reshape(-1, 1)


@of("predict")
def if_on_a_batch(model, X):
    """`if` asks for one truth value, and a batch has one for each example: compare all of them, then .long()."""
    return 1 if model(X) >= 0 else 0


@of("predict")
def labels_not_returned(model, X):
    """Nothing comes back from predict: the labels have to stand after `return`."""
    with torch.no_grad():
        labels = (model(X) >= 0).long()
    print(labels)


@of("predict")
def probabilities_against_nought(model, X):
    """No probability is below 0: compare p with one half, or the logit with 0."""
    with torch.no_grad():
        return (sigmoid(model(X)) >= 0).long()
