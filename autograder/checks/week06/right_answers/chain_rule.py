"""Right answers about the chain rule, in styles of their own. The file is read, never imported."""


@of("forward")
def by_stacking(a, b, w0, w1, v):
    """Inputs and weights stacked, multiplied and added."""
    inputs, weights = torch.stack([a, b]), torch.stack([w0, w1])
    u = (inputs * weights.reshape(-1, *[1] * a.dim())).sum(dim=0)
    return u, v * u


@of("forward")
def by_functions(a: Tensor, b: Tensor, w0: Tensor, w1: Tensor, v: Tensor):
    """torch.add and torch.mul, with extra prints."""
    u = torch.add(torch.mul(a, w0), torch.mul(b, w1))
    print(u)
    return (u, torch.mul(u, v))


@of("forward", helpers="def neuron(a, b, w0, w1):\n    return w0 * a + w1 * b")
def by_a_helper(a, b, w0, w1, v):
    """A helper of its own."""
    return neuron(a, b, w0, w1), neuron(a, b, w0, w1) * v


@of("mse_loss")
def by_a_sum(y_hat, y):
    """The sum, divided by the number of elements."""
    return ((y_hat - y) ** 2).sum() / y.numel()


@of("mse_loss")
def by_a_product(y_hat, y):
    """The inner product of the error with itself."""
    error = (y_hat - y).reshape(-1)
    return (error @ error) / len(error)


@of("mse_loss")
def by_the_norm(y_hat, y):
    """The squared norm of the error: the root and the square round once each. A local name of a ready loss is none."""
    mse_loss = torch.norm(y_hat - y) ** 2
    return mse_loss / y.numel()


@of("mse_loss")
def by_torch_functions(y_hat: Tensor, y: Tensor) -> Tensor:
    """torch.sub, torch.pow and torch.mean."""
    return torch.mean(torch.pow(torch.sub(y, y_hat), 2))


@of("manual_gradients")
def by_stacked_paths(a, b, y, w0, w1, v):
    """All three paths stacked, one mean."""
    u = a * w0 + b * w1
    slope = 2.0 * (u * v - y)
    paths = torch.stack([v * a, v * b, u])
    return tuple((slope * paths).reshape(3, -1).mean(dim=1).unbind())


@of("manual_gradients")
def backwards_through_the_graph(a, b, y, w0, w1, v):
    """One derivative after the other, from the loss back, the 1/n at the start."""
    u = a * w0 + b * w1
    f = u * v
    n = f.numel()
    dL_df = (f - y) * 2 / n
    dL_du = dL_df * v
    return torch.sum(dL_du * a), torch.sum(dL_du * b), torch.sum(dL_df * u)


@of("manual_gradients", helpers="def mean_square_slope(f, y):\n    return -2 * (y - f) / max(1, f.numel())")
def by_a_loop_over_examples(a, b, y, w0, w1, v):
    """One example at a time, with a helper."""
    dw0, dw1, dv = torch.zeros_like(w0), torch.zeros_like(w1), torch.zeros_like(v)
    u, f = forward(a, b, w0, w1, v)
    grad = mean_square_slope(f, y).reshape(-1)
    for g, a_i, b_i, u_i in zip(grad, a.reshape(-1), b.reshape(-1), u.reshape(-1)):
        dw0, dw1, dv = dw0 + g * v * a_i, dw1 + g * v * b_i, dv + g * u_i
    return dw0, dw1, dv


@of("autograd_gradients")
def by_backward_on_clones(a, b, y, w0, w1, v):
    """backward on weights of its own."""
    copies = [w.clone().detach().requires_grad_(True) for w in (w0, w1, v)]
    u, f = forward(a, b, *copies)
    loss = mse_loss(f, y)
    loss.backward()
    return tuple(w.grad for w in copies)


@of("autograd_gradients")
def by_torch_func(a, b, y, w0, w1, v):
    """torch.func.grad of a function of the weights."""

    def loss(w0, w1, v):
        return mse_loss(forward(a, b, w0, w1, v)[1], y)

    return torch.func.grad(loss, argnums=(0, 1, 2))(w0.detach(), w1.detach(), v.detach())


@of("autograd_gradients")
def with_the_ready_loss(a, b, y, w0, w1, v):
    """torch.nn.MSELoss, which is not forbidden here, and one stacked tensor of weights."""
    weights = torch.stack([w0.detach(), w1.detach(), v.detach()]).requires_grad_()
    f = (a * weights[0] + b * weights[1]) * weights[2]
    (gradient,) = torch.autograd.grad(torch.nn.MSELoss()(f, y), weights)
    return gradient[0], gradient[1], gradient[2]


@of("accumulated_gradients")
def by_multiplication(a, b, y, w0, w1, v, passes):
    """k passes hold k times the gradient."""
    return tuple(passes * g for g in autograd_gradients(a, b, y, w0, w1, v))


@of("accumulated_gradients")
def by_backward(a, b, y, w0, w1, v, passes):
    """Real passes; what is None after none of them becomes zero."""
    fresh = [torch.tensor(w.item(), dtype=w.dtype, device=w.device, requires_grad=True) for w in (w0, w1, v)]
    for _ in range(passes):
        mse_loss(forward(a, b, *fresh)[1], y).backward()
    return tuple(w.grad if w.grad is not None else torch.zeros_like(w).detach() for w in fresh)


@of("accumulated_gradients")
def by_recursion(a, b, y, w0, w1, v, passes):
    """One pass more than the passes before."""
    if passes == 0:
        return w0.detach() * 0, w1.detach() * 0, v.detach() * 0
    before = accumulated_gradients(a, b, y, w0, w1, v, passes - 1)
    return tuple(old + new for old, new in zip(before, autograd_gradients(a, b, y, w0, w1, v)))


@of("gradient_step")
def by_data(params, lr):
    """The data of each parameter, and zeros in .grad."""
    for p in params:
        if p.grad is None:
            continue
        p.data = p.data - lr * p.grad
        p.grad = torch.zeros_like(p)


@of("gradient_step")
def by_an_optimiser(params, lr):
    """torch.optim.SGD takes the step and clears the gradients."""
    optimiser = torch.optim.SGD(params, lr=lr)
    optimiser.step()
    optimiser.zero_grad()


@of("gradient_step")
def by_copy(params: list[Tensor], lr: float) -> None:
    """copy_ under no_grad, only for those with a gradient; the gradients zeroed in place."""
    with torch.no_grad():
        for p in filter(lambda p: p.grad is not None, params):
            p.copy_(p - p.grad * lr)
            p.grad.zero_()
