"""Right answers to logistic regression, in styles of their own. The file is read, never imported."""


@of("sigmoid")
def by_tanh(z):
    """sigmoid(z) = (1 + tanh(z / 2)) / 2, which never overflows."""
    return 0.5 * (1 + torch.tanh(0.5 * z))


@of("sigmoid")
def by_two_safe_branches(z: Tensor) -> Tensor:
    """exp of clamped logits in each branch, so that neither overflows."""
    up = torch.exp(torch.clamp(z, max=0))
    down = torch.exp(torch.clamp(-z, max=0))
    return torch.where(z > 0, 1 / (1 + down), up / (1 + up))


@of("sigmoid")
def by_a_log(z):
    """exp of log(sigmoid), by logaddexp."""
    print("sigmoid of", z.shape)
    return torch.exp(-torch.logaddexp(torch.zeros_like(z), -z))


@of("bce_loss")
def by_logaddexp(logits, y):
    """log(1 + e^z) is logaddexp(0, z)."""
    return (torch.logaddexp(torch.zeros_like(logits), logits) - logits * y).mean()


@of("bce_loss")
def by_a_local_name(logits, y):
    """A local variable is called as a ready loss is; nothing ready is called."""
    cross_entropy = torch.logaddexp(torch.zeros_like(logits), logits) - logits * y
    return cross_entropy.mean()


@of("bce_loss")
def by_softplus(logits, y):
    """The two terms by softplus, weighted by the labels; softplus is no loss."""
    import torch.nn.functional as F

    y = y.to(logits.dtype)
    return torch.mean(y * F.softplus(-logits, threshold=50) + (1 - y) * F.softplus(logits, threshold=50))


@of("bce_loss")
def by_a_sum_and_a_half(logits: Tensor, y: Tensor) -> Tensor:
    """max(z, 0) as (z + |z|) / 2, whose slope at 0 is one half; the mean by hand."""
    size = logits.abs()
    softplus = (logits + size) / 2 + torch.log1p(torch.exp(-size))
    return (softplus - logits * y).sum() / len(logits)


@of("LogisticRegression")
class ByParameters(torch.nn.Module):
    """Two parameters of its own, no layer."""

    def __init__(self, num_features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(()))

    def forward(self, X):
        return X @ self.weight + self.bias


@of("LogisticRegression")
class BySequential(torch.nn.Module):
    """A layer and a flattening, in a Sequential."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        layer = torch.nn.Linear(num_features, 1)
        with torch.no_grad():
            layer.weight.fill_(0.0)
            layer.bias.fill_(0.0)
        self.net = torch.nn.Sequential(layer, torch.nn.Flatten(0))

    def forward(self, X: Tensor) -> Tensor:
        return self.net(X)


@of("LogisticRegression", helpers="from torch import nn\nimport torch.nn.functional as F")
class ByFunctional(nn.Module):
    """The functional linear on a (1, m) weight, and a column taken out."""

    def __init__(self, num_features):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1, num_features))
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return F.linear(X, self.w, self.b)[:, 0]


@of("train")
def by_hand(model, X, y, lr, epochs):
    """The step written out under no_grad, the gradients set to None."""
    parameters = list(model.parameters())
    X = X.to(device=parameters[0].device, dtype=parameters[0].dtype)
    y = y.to(device=parameters[0].device, dtype=parameters[0].dtype)
    losses = []
    for _ in range(epochs):
        for p in parameters:
            p.grad = None
        loss = bce_loss(model(X), y)
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(lr * p.grad)
        losses.append(float(loss))
    return losses


@of("train")
def by_autograd_grad(model, X, y, lr, epochs):
    """torch.autograd.grad leaves .grad alone, so there is nothing to zero."""
    weights = [p for p in model.parameters() if p.requires_grad]
    X, y = X.to(weights[0]), y.to(weights[0])
    history = []
    while len(history) < epochs:
        loss = bce_loss(model(X), y)
        history.append(loss.item())
        for p, g in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            p.data -= lr * g
    return history


@of("train", helpers="def move(X, model):\n    p = next(model.parameters())\n    return X.to(p.device).to(p.dtype)")
def by_a_helper(model, X, y, lr, epochs):
    """A helper that moves the data, model.zero_grad, and an optimiser."""
    sgd = torch.optim.SGD(model.parameters(), lr)
    X, y, losses = move(X, model), move(y, model), []
    for epoch in range(epochs):
        model.zero_grad()
        loss = bce_loss(model(X), y)
        loss.backward()
        sgd.step()
        losses += [loss.detach().cpu().item()]
        print(epoch, losses[-1])
    return losses


@of("predict")
def by_probability(model, X):
    """p >= 0.5, through the sigmoid."""
    with torch.no_grad():
        return (sigmoid(model(X)) >= 0.5).to(torch.int64)


@of("predict")
def by_detach(model, X):
    """The graph is dropped afterwards."""
    return model(X).detach().ge(0).long()


@of("predict")
def in_eval_mode_and_back(model, X):
    """Eval mode for the while, under inference mode, and back again."""
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        labels = torch.where(model(X) >= 0, 1, 0)
    model.train(was_training)
    return labels
