"""Right answers to the perceptron, in styles of their own. The file is read, never imported."""


@of("activation")
def by_arithmetic(s):
    """A comparison as a number, stretched from 0 and 1 to -1 and +1."""
    return 2 * (s >= 0).to(s.dtype) - 1


@of("activation")
def by_masks(s):
    """Ones, of which some are overwritten."""
    labels = torch.ones_like(s)
    labels[s < 0] = -1
    return labels


@of("activation", helpers="import torch as t")
def by_a_sign_that_is_mended(s: Tensor) -> Tensor:
    """torch.sign, with its zeros made +1; extra prints do no harm."""
    print("activation of", s.shape)
    sign = t.sign(s)
    return t.where(sign == 0, t.ones_like(s), sign)


@of("activation")
def by_heaviside(s):
    """The step function of the library, whose value at 0 can be chosen."""
    return 2 * torch.heaviside(s, s.new_tensor(1.0)) - 1


@of("predict")
def by_matmul(w, X):
    """torch.matmul takes a matrix or a vector."""
    return activation(torch.matmul(X, w))


@of("predict")
def by_broadcasting(w, X):
    """Multiply and add along the last dimension."""
    return activation((X * w).sum(dim=-1))


@of("predict")
def by_einsum_without_activation(w, X):
    """einsum with an ellipsis, and the step written out."""
    scores = torch.einsum("...m,m->...", X, w)
    return torch.where(scores >= 0, torch.ones_like(scores), -torch.ones_like(scores))


@of("predict")
def with_the_bias_apart(w, X):
    """The last weight is added by itself, as the last feature is the constant 1."""
    return activation(X[..., :-1] @ w[:-1] + w[-1])


@of("update")
def by_an_expression(w, x, y, eta=1.0):
    """The step times whether there is a mistake: no branch."""
    mistake = (predict(w, x) != y).to(w.dtype)
    return w + mistake * eta * y * x


@of("update", helpers="def is_mistake(w, x, y):\n    return bool(activation(torch.dot(w, x)) != y)")
def by_a_helper(w: Tensor, x: Tensor, y, eta: float = 1.0) -> Tensor:
    """A helper of the student's own, and the same w returned where nothing moves."""
    return torch.add(w, y * x, alpha=eta) if is_mistake(w, x, y) else w


@of("update")
def by_the_error(w, x, y, eta=1.0):
    """(y - y_hat) / 2 is y on a mistake and 0 on a right answer."""
    import math

    assert not math.isnan(eta)
    return w + eta * (y - predict(w, x)) / 2 * x


@of("update")
def on_a_copy(w, x, y, eta=1.0):
    """In place, but on a copy."""
    w = w.clone()
    if predict(w, x).item() != float(y):
        w += eta * float(y) * x
    return w


@of("train")
def with_a_while_loop(X, y, w=None, eta=1.0, epochs=1):
    """A while loop that looks at the last count."""
    if w is None:
        w = torch.zeros(X.size(1), dtype=X.dtype, device=X.device)
    mistakes = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1]):
        count = 0
        for i in range(X.size(0)):
            new = update(w, X[i], y[i], eta)
            count += int(predict(w, X[i]).item() != y[i].item())
            w = new
        mistakes.append(count)
    return w, mistakes


@of("train")
def without_the_other_functions(X, y, w=None, eta=1.0, epochs=1):
    """Everything written out in one place."""
    w = X.new_zeros(X.shape[-1]) if w is None else w.detach().clone()
    mistakes = []
    for _epoch in range(epochs):
        wrong = 0
        for x_t, y_t in zip(X, y):
            y_hat = 1.0 if torch.dot(w, x_t) >= 0 else -1.0
            if y_hat != y_t.item():
                w = w + eta * y_t * x_t
                wrong += 1
        mistakes.append(wrong)
        if not wrong:
            return w, mistakes
    return w, mistakes


@of("train")
def by_recursion(X, y, w=None, eta=1.0, epochs=1):
    """One pass, then the rest of the passes."""
    if w is None:
        w = 0 * X[0]
    if epochs == 0:
        return w, []
    wrong = 0
    for x_t, y_t in zip(X.unbind(), y.unbind()):
        wrong += int((predict(w, x_t) != y_t).sum())
        w = update(w, x_t, y_t, eta=eta)
    if wrong == 0:
        return w, [0]
    w, rest = train(X, y, w, eta, epochs - 1)
    return w, [wrong, *rest]


@of("margin")
def by_unit_weights(w, X, y):
    """Normalise first."""
    unit = w / torch.linalg.vector_norm(w)
    return torch.min(y * (X @ unit))


@of("margin")
def by_einsum(w, X, y):
    """einsum for the signed scores, amin for the worst."""
    return torch.einsum("n,nm,m->n", y, X, w).amin() / w.square().sum().sqrt()


@of("margin")
def by_a_sorted_list(w, X, y):
    """One example at a time, the smallest of a stack."""
    distances = [y_i * torch.dot(w, x_i) / w.norm(p=2) for x_i, y_i in zip(X, y)]
    return torch.stack(distances).sort().values[0]


@of("margin")
def with_the_bias_apart_and_row_by_row(w, X, y):
    """The bias is added by itself, and a comprehension goes through the examples."""
    return min(y_i * (x_i[:-1] @ w[:-1] + w[-1]) for x_i, y_i in zip(X, y)) / w.norm()
