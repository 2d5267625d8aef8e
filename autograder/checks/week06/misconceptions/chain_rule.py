"""What students get wrong about the chain rule. The file is read, never imported."""

# --- forward --------------------------------------------------------------------------------------


@of("forward")
def weights_swapped(a, b, w0, w1, v):
    """w0 belongs to a and w1 to b; here they are swapped."""
    u = a * w1 + b * w0
    return u, u * v


@of("forward")
def output_weight_added(a, b, w0, w1, v):
    """v multiplies u: f = u v, not u + v."""
    u = a * w0 + b * w1
    return u, u + v


@of("forward")
def output_alone(a, b, w0, w1, v):
    """forward returns two things, u and f; this is f alone."""
    return (a * w0 + b * w1) * v


@of("forward")
def order_swapped(a, b, w0, w1, v):
    """u comes first and f second; here they are swapped."""
    u = a * w0 + b * w1
    return u * v, u


@of("forward")
def examples_added_up(a, b, w0, w1, v):
    """Each example has a u of its own; here the examples of a batch are added up."""
    u = (a * w0 + b * w1).sum()
    return u, u * v


@of("forward")
def without_a_graph(a, b, w0, w1, v):
    """Nothing is recorded here, as under torch.no_grad() or after .detach(), so no gradient can flow back."""
    with torch.no_grad():
        u = a * w0 + b * w1
        return u, u * v


@of("forward")
def out_of_pytorch(a, b, w0, w1, v):
    """u and f are Python numbers, as .item() and .tolist() make them: they should be tensors of the inputs' dtype."""
    u = a * w0 + b * w1
    return u.tolist(), (u * v).tolist()


@of("forward")
def moved_to_the_cpu_first(a, b, w0, w1, v):
    """u and f come back on the CPU, as after .to("cpu"): they should lie where the arguments lie."""
    a, b, w0, w1, v = (each.to("cpu") for each in (a, b, w0, w1, v))
    u = a * w0 + b * w1
    return u, u * v


@of("forward")
def stacked_for_batches_only(a, b, w0, w1, v):
    """One example is a 0-d tensor and has no dimension along which to stack: plain products do for one and for many."""
    u = torch.stack([a, b], dim=1) @ torch.stack([w0, w1])
    return u, u * v


@of("forward")
def dot_for_a_product(a, b, w0, w1, v):
    """w0 is one number, a 0-d tensor, which multiplies a as it is: a dot product wants two vectors."""
    u = torch.dot(a, w0) + torch.dot(b, w1)
    return u, u * v


@of("forward")
def forward_in_float32(a, b, w0, w1, v):
    """u and f should have the dtype of a; here float64 comes back as float32."""
    u = (a * w0 + b * w1).float()
    return u, (u * v).float()


@of("forward")
def inputs_weighted_in_place(a, b, w0, w1, v):
    """`a *= w0` writes into the caller's inputs: make a new tensor."""
    a *= w0.detach()
    u = a + b * w1 + 0 * w0
    return u, u * v


@of("forward")
def difference_for_the_sum(a, b, w0, w1, v):
    """u = a w0 + b w1 is a sum; this is the difference."""
    u = a * w0 - b * w1
    return u, u * v


@of("forward")
def nothing_returned(a, b, w0, w1, v):
    """Nothing comes back from forward: u and f have to stand after `return`."""
    u = a * w0 + b * w1
    print(u, u * v)


@of("forward")
def outputs_in_a_list(a, b, w0, w1, v):
    """u and f come in a tuple, (u, f), not in a list."""
    u = a * w0 + b * w1
    return [u, u * v]


# --- mse_loss -------------------------------------------------------------------------------------


@of("mse_loss", keeps=0.5)
def sum_for_mean(y_hat, y):
    """The 1/n is missing: this is the sum of the squares, not their mean."""
    return (y - y_hat).square().sum()


@of("mse_loss", keeps=0.5)
def halved(y_hat, y):
    """There is no 1/2 in this loss: it is the plain mean of the squares."""
    return (y - y_hat).square().mean() / 2


@of("mse_loss")
def absolute_error(y_hat, y):
    """This is the mean absolute error: the square is missing."""
    return (y - y_hat).abs().mean()


@of("mse_loss")
def square_of_the_mean(y_hat, y):
    """Square first, then take the mean: here misses on either side cancel before the square."""
    return (y - y_hat).mean().square()


@of("mse_loss", keeps=0.5)
def root_taken(y_hat, y):
    """This is the root of the mean squared error: leave the square root out."""
    return (y - y_hat).square().mean().sqrt()


@of("mse_loss")
def one_for_each_example(y_hat, y):
    """This is a loss for each example; the loss is their mean, one number."""
    return (y - y_hat).square()


@of("mse_loss")
def a_python_number(y_hat, y):
    """A Python number, as .item() makes one, has no graph: the loss should stay a 0-d tensor."""
    return (y - y_hat).square().mean().item()


@of("mse_loss")
def detached_from_the_graph(y_hat, y):
    """The number is right, but the graph is cut: no gradient flows back to the predictions."""
    return (y - y_hat.detach()).square().mean()


@of("mse_loss", uses="ones")
def ones_on_the_default_device(y_hat, y):
    """torch.ones makes its ones on the CPU unless a device is named: a mean needs no such vector at all."""
    error = (y - y_hat).reshape(-1)
    return torch.ones(len(error), dtype=y.dtype) @ error.square() / len(error)


@of("mse_loss")
def by_the_ready_loss(y_hat, y):
    """This is PyTorch's own loss: write the difference, the square and the mean yourself."""
    return torch.nn.functional.mse_loss(y_hat, y)


@of("mse_loss")
def divided_by_len(y_hat, y):
    """One example is a 0-d tensor, which has no len(): .mean() does for one and for many."""
    return (y - y_hat).square().sum() / len(y)


@of("mse_loss")
def every_value_against_every_prediction(y_hat, y):
    """A column against a row gives every pair: each y_i has one prediction, y_hat_i."""
    return (y.reshape(-1, 1) - y_hat.reshape(-1)).square().mean()


@of("mse_loss")
def loss_in_float32(y_hat, y):
    """The loss should have the dtype of the predictions; here float64 comes back as float32."""
    return (y - y_hat).square().mean().float()


@of("mse_loss")
def difference_taken_in_place(y_hat, y):
    """`y -= y_hat` writes into the caller's y: make a new tensor."""
    y -= y_hat
    return y.square().mean()


@of("mse_loss")
def square_forgotten(y_hat, y):
    """This is the mean of the differences themselves: each is to be squared first."""
    return (y - y_hat).mean()


@of("mse_loss")
def loss_with_a_minus(y_hat, y):
    """The sign is flipped: a mean of squares is never negative."""
    return -(y - y_hat).square().mean()


@of("mse_loss")
def divided_by_n_minus_one(y_hat, y):
    """The sum of the squares is divided by n, not by n - 1."""
    return (y - y_hat).square().sum() / max(1, y.numel() - 1)


@of(
    "mse_loss",
    helpers="a, b, y = torch.tensor(2.0), torch.tensor(3.0), torch.tensor(10.0)\n"
    "w0, w1, v = (torch.tensor(1.0, requires_grad=True) for _ in range(3))\n"
    "u = a * w0 + b * w1\n"
    "f = u * v",
)
def f_of_the_notebooks_example(y_hat, y):
    """f is here the value of the notebook's example, whatever is given: the predictions are the argument y_hat."""
    return (y - f).square().mean()


# --- manual_gradients -----------------------------------------------------------------------------


@of("manual_gradients", keeps=0.5)
def two_of_the_square_forgotten(a, b, y, w0, w1, v):
    """Your gradient is half of the right one: the 2 from the square is missing."""
    u, f = forward(a, b, w0, w1, v)
    df = f - y
    return (df * v * a).mean(), (df * v * b).mean(), (df * u).mean()


@of("manual_gradients", keeps=0.5)
def sign_of_the_error_flipped(a, b, y, w0, w1, v):
    """The sign is flipped: the derivative of (y - f)^2 with respect to f is 2(f - y), prediction minus truth."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (y - f)
    return (df * v * a).mean(), (df * v * b).mean(), (df * u).mean()


@of("manual_gradients")
def one_over_n_forgotten(a, b, y, w0, w1, v):
    """The 1/n is missing: with n examples each gradient is the mean over them, not the sum."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * v * a).sum(), (df * v * b).sum(), (df * u).sum()


@of("manual_gradients")
def a_gradient_for_each_example(a, b, y, w0, w1, v):
    """Each weight is shared by all examples and has one gradient, a 0-d tensor, not one for each example."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return df * v * a, df * v * b, df * u


@of("manual_gradients")
def output_weight_left_out_of_the_path(a, b, y, w0, w1, v):
    """The path from L to w0 and w1 goes through f = u v, so it has the factor v."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * a).mean(), (df * b).mean(), (df * u).mean()


@of("manual_gradients")
def derivative_by_v_is_not_f(a, b, y, w0, w1, v):
    """f = u v, so df/dv is u, not f."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * v * a).mean(), (df * v * b).mean(), (df * f).mean()


@of("manual_gradients", keeps=0.5)
def inputs_swapped(a, b, y, w0, w1, v):
    """du/dw0 is a and du/dw1 is b; here they are swapped."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * v * b).mean(), (df * v * a).mean(), (df * u).mean()


@of("manual_gradients")
def weight_for_its_input(a, b, y, w0, w1, v):
    """The derivative of a w0 with respect to w0 is a, not w0."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * v * w0).mean(), (df * v * w1).mean(), (df * u).mean()


@of("manual_gradients")
def mean_of_each_factor(a, b, y, w0, w1, v):
    """The mean of a product is not the product of the means: multiply for each example first."""
    u, f = forward(a, b, w0, w1, v)
    df = (2 * (f - y)).mean()
    return df * v * a.mean(), df * v * b.mean(), df * u.mean()


@of("manual_gradients")
def by_autograd_after_all(a, b, y, w0, w1, v):
    """Autograd, or requires_grad for it, stands in this code: write out the three products of the chain rule."""
    weights = [w.detach().requires_grad_() for w in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return torch.autograd.grad((y - f).square().mean(), weights)


@of("manual_gradients", uses="cpu")
def fetched_with_cpu(a, b, y, w0, w1, v):
    """The gradients are right, and then fetched with .cpu(): they should stay where the arguments lie."""
    u = a * w0 + b * w1
    slope = 2 * (u * v - y)
    return (slope * v * a).mean().cpu(), (slope * v * b).mean().cpu(), (slope * u).mean().cpu()


@of("manual_gradients")
def divided_by_the_length_of_a(a, b, y, w0, w1, v):
    """One example is a 0-d tensor, which has no len(): .mean() does for one and for many."""
    u = a * w0 + b * w1
    df = 2 * (u * v - y) / len(a)
    return (df * v * a).sum(), (df * v * b).sum(), (df * u).sum()


@of("manual_gradients")
def a_weight_for_each_example(a, b, y, w0, w1, v):
    """The weights are one number each, shared by all examples: a 0-d tensor has no element i."""
    sums = torch.zeros(3, dtype=a.dtype, device=a.device)
    a, b, y = a.reshape(-1), b.reshape(-1), y.reshape(-1)
    for i in range(a.numel()):
        u = a[i] * w0[i] + b[i] * w1[i]
        sums = sums + 2 * (u * v[i] - y[i]) * torch.stack([v[i] * a[i], v[i] * b[i], u])
    sums = sums / a.numel()
    return sums[0], sums[1], sums[2]


@of("manual_gradients")
def gradients_in_float32(a, b, y, w0, w1, v):
    """The gradients should have the dtype of a; here float64 comes back as float32."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * v * a).mean().float(), (df * v * b).mean().float(), (df * u).mean().float()


@of("manual_gradients")
def true_value_negated_in_place(a, b, y, w0, w1, v):
    """neg_() changes the caller's y, and leaves it so: -y is a new tensor."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f + y.neg_())
    return (df * v * a).mean(), (df * v * b).mean(), (df * u).mean()


@of("manual_gradients")
def gradients_as_python_numbers(a, b, y, w0, w1, v):
    """These are Python numbers, as .item() makes them: the gradients should be 0-d tensors."""
    u, f = forward(a, b, w0, w1, v)
    df = 2 * (f - y)
    return (df * v * a).mean().item(), (df * v * b).mean().item(), (df * u).mean().item()


@of(
    "manual_gradients",
    helpers="a, b, y = torch.tensor(2.0), torch.tensor(3.0), torch.tensor(10.0)\n"
    "w0, w1, v = (torch.tensor(1.0, requires_grad=True) for _ in range(3))\n"
    "u = a * w0 + b * w1\n"
    "f = u * v",
)
def u_and_f_of_the_notebooks_example(a, b, y, w0, w1, v):
    """u and f are here those of the notebook's example, whatever is given: forward gives those of the arguments."""
    df = 2 * (f - y)
    return (df * v * a).mean(), (df * v * b).mean(), (df * u).mean()


# --- autograd_gradients ---------------------------------------------------------------------------


@of("autograd_gradients")
def gradients_left_behind(a, b, y, w0, w1, v):
    """backward has left gradients in .grad of the weights that were passed: use tracked tensors of your own."""
    for weight in (w0, w1, v):
        weight.requires_grad_()
    _, f = forward(a, b, w0, w1, v)
    mse_loss(f, y).backward()
    return w0.grad, w1.grad, v.grad


@of("autograd_gradients")
def weights_must_be_tracked_already(a, b, y, w0, w1, v):
    """Weights that do not require grad will not do here: make tracked tensors with their values."""
    _, f = forward(a, b, w0, w1, v)
    return torch.autograd.grad(mse_loss(f, y), [w0, w1, v])


@of("autograd_gradients")
def tracking_left_on(a, b, y, w0, w1, v):
    """The weights that were passed require grad afterwards, though they did not before."""
    weights = [weight.requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return torch.autograd.grad(mse_loss(f, y), weights)


@of("autograd_gradients")
def gradient_of_the_output(a, b, y, w0, w1, v):
    """This is the gradient of f, not of the loss."""
    weights = [weight.detach().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return torch.autograd.grad(f.sum(), weights)


@of("autograd_gradients")
def gradient_of_the_sum(a, b, y, w0, w1, v):
    """The loss is the mean over the examples: differentiate that, not the sum."""
    weights = [weight.detach().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return torch.autograd.grad((y - f).square().sum(), weights)


@of("autograd_gradients")
def by_hand_again(a, b, y, w0, w1, v):
    """These are the gradients by hand once more: here PyTorch is to find them."""
    return manual_gradients(a, b, y, w0.detach(), w1.detach(), v.detach())


@of("autograd_gradients", keeps=0.5)
def in_a_list(a, b, y, w0, w1, v):
    """The three gradients come in a tuple, (dw0, dw1, dv), not in a list."""
    weights = [weight.detach().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return list(torch.autograd.grad(mse_loss(f, y), weights))


@of("autograd_gradients", uses="item")
def weights_made_anew_on_the_cpu(a, b, y, w0, w1, v):
    """torch.tensor(w.item()) makes a weight on the CPU, and its gradient lies there, too: use w.detach().clone()."""
    fresh = [torch.tensor(w.item(), dtype=w.dtype, requires_grad=True) for w in (w0, w1, v)]
    _, f = forward(a, b, *fresh)
    return torch.autograd.grad(mse_loss(f, y), fresh)


@of("autograd_gradients")
def length_of_one_example(a, b, y, w0, w1, v):
    """One example is a 0-d tensor, which has no len(): .mean() does for one and for many."""
    weights = [weight.detach().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return torch.autograd.grad((y - f).square().sum() / len(y), weights)


@of("autograd_gradients")
def weights_made_anew_in_float32(a, b, y, w0, w1, v):
    """A Python number makes a float32 tensor: the weights, and so their gradients, should have the dtype of a."""
    weights = [torch.tensor(weight.item(), device=a.device, requires_grad=True) for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    return torch.autograd.grad(mse_loss(f, y), weights)


@of("autograd_gradients")
def gradients_doubled_by_a_second_pass(a, b, y, w0, w1, v):
    """These gradients are twice the right ones, as after a second backward pass, which adds to .grad."""
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    for _ in range(2):
        _, f = forward(a, b, *weights)
        mse_loss(f, y).backward()
    return tuple(weight.grad for weight in weights)


@of("autograd_gradients")
def weights_for_their_gradients(a, b, y, w0, w1, v):
    """These are the weights themselves: after backward their gradients are in .grad."""
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    mse_loss(f, y).backward()
    return tuple(weights)


# --- accumulated_gradients ------------------------------------------------------------------------


@of("accumulated_gradients")
def zeroed_in_between(a, b, y, w0, w1, v, passes):
    """Here nobody zeroes .grad between the passes: after two of them it holds twice the gradient."""
    return autograd_gradients(a, b, y, w0, w1, v)


@of("accumulated_gradients", keeps=0.5)
def one_pass_too_many(a, b, y, w0, w1, v, passes):
    """There is one pass too many: two passes give -40, -60, -100 in the worked example."""
    return tuple((passes + 1) * g for g in autograd_gradients(a, b, y, w0, w1, v))


@of("accumulated_gradients")
def doubled_with_each_pass(a, b, y, w0, w1, v, passes):
    """Each pass adds the same gradient once more; it does not double what is there."""
    return tuple(2 ** (passes - 1) * g if passes else 0 * g for g in autograd_gradients(a, b, y, w0, w1, v))


@of("accumulated_gradients")
def piled_on_the_callers_gradients(a, b, y, w0, w1, v, passes):
    """The passes have left gradients in .grad of the weights that were passed: track copies of your own."""
    weights = [w0, w1, v]
    for weight in weights:
        weight.requires_grad_()
    for _ in range(passes):
        _, f = forward(a, b, *weights)
        mse_loss(f, y).backward()
    return tuple(torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights)


@of("accumulated_gradients")
def a_step_after_each_pass(a, b, y, w0, w1, v, passes):
    """No step is taken between the passes: the weights are the same in each."""
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    for _ in range(passes):
        _, f = forward(a, b, *weights)
        mse_loss(f, y).backward()
        with torch.no_grad():
            for weight in weights:
                weight -= 0.01 * weight.grad
    return tuple(weight.grad for weight in weights)


@of("accumulated_gradients")
def nothing_for_no_pass(a, b, y, w0, w1, v, passes):
    """For no pass at all .grad is None; the gradients that are asked for are zeros then."""
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    for _ in range(passes):
        _, f = forward(a, b, *weights)
        mse_loss(f, y).backward()
    return tuple(weight.grad for weight in weights)


@of("accumulated_gradients", uses="zeros")
def sums_on_the_default_device(a, b, y, w0, w1, v, passes):
    """torch.zeros makes its zeros on the CPU unless a device is named: they should be made where the weights lie."""
    total = torch.zeros(3, dtype=w0.dtype)
    for _ in range(passes):
        total = total + torch.stack(autograd_gradients(a, b, y, w0, w1, v))
    return total[0], total[1], total[2]


@of("accumulated_gradients")
def sum_of_the_squares_in_each_pass(a, b, y, w0, w1, v, passes):
    """The loss of a pass is the mean over the examples: here it is the sum."""
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    for _ in range(passes):
        _, f = forward(a, b, *weights)
        (y - f).square().sum().backward()
    return tuple(weight.grad for weight in weights)


@of("accumulated_gradients")
def clones_that_are_not_tracked(a, b, y, w0, w1, v, passes):
    """A clone is tracked only where its original is: weights that do not require grad will do here as well."""
    weights = [weight.clone() for weight in (w0, w1, v)]
    for weight in weights:
        weight.retain_grad()
    for _ in range(passes):
        _, f = forward(a, b, *weights)
        mse_loss(f, y).backward(retain_graph=True)
    return tuple(torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights)


@of("accumulated_gradients")
def sums_in_float32(a, b, y, w0, w1, v, passes):
    """What .grad holds has the dtype of a; here float64 comes back as float32."""
    return tuple((passes * gradient).float() for gradient in autograd_gradients(a, b, y, w0, w1, v))


@of("accumulated_gradients")
def one_graph_for_all_passes(a, b, y, w0, w1, v, passes):
    """backward frees the graph that it goes through: each pass needs a forward pass of its own."""
    weights = [weight.detach().clone().requires_grad_() for weight in (w0, w1, v)]
    _, f = forward(a, b, *weights)
    loss = mse_loss(f, y)
    for _ in range(passes):
        loss.backward()
    return tuple(torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights)


# --- gradient_step --------------------------------------------------------------------------------


@of("gradient_step")
def gradients_not_cleared(params, lr):
    """.grad still holds the old gradient after the step: the next backward pass would add to it."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad


@of("gradient_step")
def only_the_last_one_cleared(params, lr):
    """Every parameter's gradient is to be cleared, not only that of the last one: mind the indentation."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad
        p.grad = None


@of("gradient_step", keeps=0.5)
def uphill(params, lr):
    """The step has the wrong sign: descent subtracts lr times the gradient."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p += lr * p.grad
                p.grad = None


@of("gradient_step")
def learning_rate_ignored(params, lr):
    """The learning rate is not used: the step is lr times the gradient."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= p.grad
                p.grad = None


@of("gradient_step")
def step_is_recorded(params, lr):
    """A tracked leaf refuses to be changed in place while the graph records: take the step under torch.no_grad()."""
    for p in params:
        if p.grad is not None:
            p -= lr * p.grad
            p.grad = None


@of("gradient_step")
def new_tensors_in_the_list(params, lr):
    """The parameters are as they were: `p = p - ...` makes a new tensor, in the list or not. Change each in place."""
    for i, p in enumerate(params):
        if p.grad is not None:
            params[i] = (p - lr * p.grad).detach().requires_grad_()


@of("gradient_step")
def every_parameter_must_have_a_gradient(params, lr):
    """A parameter without a gradient has .grad None, which cannot be multiplied: leave it alone."""
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.grad = None


@of("gradient_step")
def tracking_switched_off(params, lr):
    """After the step a parameter should still require grad; here it is switched off."""
    for p in params:
        if p.grad is not None:
            p.requires_grad_(False)
            p -= lr * p.grad
            p.grad = None


@of("gradient_step")
def returns_the_parameters(params, lr):
    """The step happens in place: there is nothing to return."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad
                p.grad = None
    return params


@of("gradient_step", uses="numpy")
def stepped_in_numpy(params, lr):
    """NumPy cannot see an accelerator's memory: take the step in PyTorch, under torch.no_grad()."""
    for p in params:
        if p.grad is not None:
            stepped = p.detach().numpy() - lr * p.grad.numpy()
            p.data = torch.as_tensor(stepped, dtype=p.dtype)
            p.grad = None


@of("gradient_step")
def element_by_element(params, lr):
    """A parameter may have any shape: a 0-d tensor has no elements to go through, and p -= ... does all at once."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                for i in range(len(p)):
                    p[i] -= lr * p.grad[i]
                p.grad = None


@of("gradient_step")
def cleared_before_the_step(params, lr):
    """The gradients are cleared and nothing moves: the step comes first, and then they are cleared."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p.grad.zero_()
                p -= lr * p.grad


@of("gradient_step")
def the_rest_left_out(params, lr):
    """A parameter without a gradient ends the step here; the parameters after it should move as well."""
    with torch.no_grad():
        for p in params:
            if p.grad is None:
                return
            p -= lr * p.grad
            p.grad = None


@of("gradient_step")
def step_averaged_over_the_parameters(params, lr):
    """Each parameter moves by lr times its gradient; here the step is divided by the number of parameters."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad / len(params)
                p.grad = None
