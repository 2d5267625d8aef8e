"""What students get wrong about the perceptron. The file is read, never imported."""

# --- activation -----------------------------------------------------------------------------------


@of("activation")
def zero_at_zero(s):
    """f(0) is +1 here. torch.sign answers 0 there, which is no label at all."""
    return torch.sign(s)


@of("activation")
def minus_one_at_zero(s):
    """f(0) is +1: the condition is s >= 0, not s > 0."""
    return torch.where(s > 0, 1.0, -1.0).to(s.dtype)


@of("activation", keeps=0.5)
def labels_zero_and_one(s):
    """The perceptron's labels are -1 and +1, not 0 and 1."""
    return (s >= 0).to(s.dtype)


@of("activation")
def true_and_false(s):
    """A comparison gives True and False; f gives the numbers +1 and -1."""
    return s >= 0


@of("activation")
def always_float32(s):
    """Two Python floats make a float32 tensor, whatever s is; the labels should have the dtype of s."""
    return torch.where(s >= 0, 1.0, -1.0)


@of("activation", keeps=0.5)
def sides_swapped(s):
    """The sides are swapped: f is +1 for scores of 0 and above, -1 below."""
    return torch.where(s >= 0, -1.0, 1.0).to(s.dtype)


@of("activation")
def changes_the_scores(s):
    """The scores that were passed are overwritten with labels: make a new tensor."""
    positive = s >= 0
    s[positive] = 1.0
    s[~positive] = -1.0
    return s


@of("activation", uses="tolist")
def by_way_of_a_list(s):
    """A Python list takes the scores out of PyTorch, and torch.tensor puts the labels on the CPU: compare s itself."""
    labels = [1.0 if score >= 0 else -1.0 for score in s.flatten().tolist()]
    return torch.tensor(labels, dtype=s.dtype).reshape(s.shape)


@of("activation")
def one_dimension_only(s):
    """s may have any shape: a 0-d tensor has no elements to go through, and those of a matrix are rows."""
    return torch.stack([s.new_tensor(1.0 if score >= 0 else -1.0) for score in s])


@of("activation")
def labels_in_one_row(s):
    """The labels should have the shape of s; flatten() makes one row of them."""
    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype).flatten()


@of("activation")
def if_on_a_tensor(s):
    """`if` asks for one truth value, and a tensor gives one for each element: torch.where decides for each."""
    if s >= 0:
        return torch.ones_like(s)
    return -torch.ones_like(s)


@of("activation")
def nothing_returned(s):
    """Nothing comes back from activation: the labels have to stand after `return`."""
    labels = torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
    print(labels)


@of("activation")
def labels_as_whole_numbers(s):
    """1 and -1 are whole numbers and make an int64 tensor: the labels should have the dtype of s."""
    return torch.where(s >= 0, 1, -1)


@of("activation")
def divided_by_its_size(s):
    """s / |s| is the sign, but 0/0 is NaN: f(0) = +1."""
    return s / s.abs()


# --- predict --------------------------------------------------------------------------------------


@of("predict")
def scores_for_labels(w, X):
    """These are the scores w . x; the label is f of the score, -1 or +1."""
    return X @ w


@of("predict")
def zero_on_the_boundary(w, X):
    """On the boundary, where w . x = 0, the label is +1, not 0."""
    return torch.sign(X @ w)


@of("predict", keeps=0.5)
def a_column_of_labels(w, X):
    """The labels have shape (n,), one number for each example, not (n, 1)."""
    return activation(X @ w.reshape(-1, 1))


@of("predict")
def bias_left_out(w, X):
    """The last weight is the bias and counts: its input is the constant 1 in the last column of X."""
    return activation(X[..., :-1] @ w[:-1])


@of("predict")
def batches_only(w, X):
    """One example (m,) has one score, and no dimension 1: only a batch has that."""
    return activation((X * w).sum(dim=1))


@of("predict", keeps=0.5)
def labels_as_integers(w, X):
    """The labels should have the floating dtype of X, so that they can be multiplied with it."""
    return activation(X @ w).long()


@of("predict", uses="cuda")
def hard_coded_cuda(w, X):
    """.cuda() fails on every machine without such a GPU: w and X lie on one device already, so nothing need move."""
    return activation(X.cuda() @ w.cuda())


@of("predict")
def bias_counted_twice(w, X):
    """The bias is in w . x already, as X's last column is the constant 1: here it is added once more."""
    return activation(X @ w + w[-1])


@of("predict")
def a_batch_of_one_for_one_example(w, X):
    """One example (m,) has one label, a 0-d tensor, not a batch of one, (1,)."""
    return activation(torch.atleast_2d(X) @ w)


@of("predict")
def labels_in_float32(w, X):
    """The labels should have the dtype of X; here float64 comes back as float32."""
    return activation(X.float() @ w.float())


@of("predict")
def weighted_in_place(w, X):
    """`X *= w` writes into the caller's examples: make a new tensor."""
    X *= w
    return activation(X.sum(dim=-1))


@of("predict")
def labels_turned_round(w, X):
    """The labels are turned round: a positive score is predicted +1."""
    return -activation(X @ w)


@of("predict")
def labels_nought_and_one(w, X):
    """The perceptron's labels are -1 and +1, not 0 and 1."""
    return (X @ w >= 0).to(X.dtype)


@of("predict")
def ones_added_once_more(w, X):
    """X has its column of ones already: another one does not fit the weights."""
    X = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    return activation(X @ w)


@of("predict", uses="item")
def item_of_a_batch(w, X):
    """.item() is for one number alone: it makes a Python number of one label, and fails for a batch."""
    return activation(X @ w).item()


@of("predict")
def product_in_the_wrong_order(w, X):
    """The shapes of w @ X do not fit for a batch: X @ w takes each row times w."""
    return activation(w @ X)


# --- update ---------------------------------------------------------------------------------------


@of("update", keeps=0.5)
def steps_away(w, x, y, eta=1.0):
    """The step goes the wrong way: on a mistake the weights move towards y x, not away from it."""
    if predict(w, x) != y:
        return w - eta * y * x
    return w.clone()


@of("update")
def moves_on_every_example(w, x, y, eta=1.0):
    """The weights move on a mistake only; here they move on right answers as well."""
    return w + eta * y * x


@of("update")
def label_forgotten(w, x, y, eta=1.0):
    """The label is missing from the step: for y = -1 the weights should move by -eta x."""
    if predict(w, x) != y:
        return w + eta * x
    return w.clone()


@of("update")
def boundary_is_always_a_mistake(w, x, y, eta=1.0):
    """On the boundary f(0) = +1, so y = +1 is right there; here it counts as a mistake, as with y (w . x) <= 0."""
    if y * (w @ x) <= 0:
        return w + eta * y * x
    return w.clone()


@of("update")
def boundary_is_never_a_mistake(w, x, y, eta=1.0):
    """On the boundary f(0) = +1, so y = -1 is a mistake there; here it is missed, as with y (w . x) < 0."""
    if y * (w @ x) < 0:
        return w + eta * y * x
    return w.clone()


@of("update")
def eta_ignored(w, x, y, eta=1.0):
    """The learning rate eta is not used: the step is eta y x."""
    if predict(w, x) != y:
        return w + y * x
    return w.clone()


@of("update")
def changes_the_weights_in_place(w, x, y, eta=1.0):
    """The caller's weights are changed, as by `w += ...`; `w + ...` makes new ones."""
    if predict(w, x) != y:
        w += eta * y * x
    return w


@of("update")
def step_without_weights(w, x, y, eta=1.0):
    """This is the step alone: the new weights are the old ones plus the step."""
    if predict(w, x) != y:
        return eta * y * x
    return w.clone()


@of("update", uses="cpu")
def new_weights_on_the_cpu(w, x, y, eta=1.0):
    """.cpu() fetches the weights from the accelerator: the new ones should lie where w lies."""
    if predict(w, x) != y:
        return (w + eta * y * x).cpu()
    return w.clone().cpu()


@of("update")
def example_scaled_in_place(w, x, y, eta=1.0):
    """`x *= ...` writes into the caller's example: make a new tensor."""
    if predict(w, x) != y:
        x *= eta * y
        return w + x
    return w.clone()


@of("update")
def label_must_be_a_tensor(w, x, y, eta=1.0):
    """y may be a plain number as well, which has no .item(): the arithmetic takes either."""
    if predict(w, x).item() != y.item():
        return w + eta * y.item() * x
    return w.clone()


@of("update")
def a_tenth_for_eta(w, x, y, eta=0.1):
    """Where eta is not given it is 1; here it is 0.1."""
    if predict(w, x) != y:
        return w + eta * y * x
    return w.clone()


@of("update")
def new_weights_in_float32(w, x, y, eta=1.0):
    """The next weights should have the dtype of w; here float64 comes back as float32."""
    if predict(w, x) != y:
        return (w + eta * y * x).float()
    return w.clone()


@of("update")
def adaline(w, x, y, eta=1.0):
    """This is Adaline's rule, with the error y - w . x, on every example: the perceptron moves by eta y x, or not."""
    return w + eta * (y - w @ x) * x


@of("update")
def error_for_the_label(w, x, y, eta=1.0):
    """y - f(w . x) is 2 y on a mistake, so this step is twice as long: it should be eta y x."""
    return w + eta * (y - predict(w, x)) * x


@of("update")
def normalised_after_the_step(w, x, y, eta=1.0):
    """The new weights are divided by their norm: they should be w + eta y x as it is."""
    if predict(w, x) != y:
        w = w + eta * y * x
    return w / w.norm()


@of("update")
def nothing_for_a_right_answer(w, x, y, eta=1.0):
    """On a right answer nothing comes back: w has to come back there as well."""
    if predict(w, x) != y:
        return w + eta * y * x
    return None


@of("update")
def new_weights_not_returned(w, x, y, eta=1.0):
    """Nothing comes back from update: the new weights have to stand after `return`."""
    if predict(w, x) != y:
        w = w + eta * y * x


@of("update")
def moves_on_right_answers(w, x, y, eta=1.0):
    """The condition is turned round: the weights move on a mistake, and stay on a right answer."""
    if predict(w, x) == y:
        return w + eta * y * x
    return w.clone()


@of("update")
def steps_until_it_is_right(w, x, y, eta=1.0):
    """One call takes one step; this goes on until the example is right."""
    while predict(w, x) != y:
        w = w + eta * y * x
    return w


@of("update")
def bias_stays(w, x, y, eta=1.0):
    """The last weight is the bias, and it moves like the others: its input is the constant 1."""
    w = w.clone()
    if predict(w, x) != y:
        w[:-1] += eta * y * x[:-1]
    return w


# --- train ----------------------------------------------------------------------------------------


@of("train")
def goes_on_after_convergence(X, y, w=None, eta=1.0, epochs=1):
    """Training stops after a pass without a mistake; here the passes go on, each with 0 mistakes."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
    return w, mistakes


@of("train")
def last_pass_not_counted(X, y, w=None, eta=1.0, epochs=1):
    """The pass without a mistake was made as well, so it belongs in the list, with 0."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        if wrong == 0:
            break
        mistakes.append(wrong)
    return w, mistakes


@of("train")
def counts_never_reset(X, y, w=None, eta=1.0, epochs=1):
    """The mistakes of each pass are counted from 0; here they go on from the pass before."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes, wrong = [], 0
    for _ in range(epochs):
        before = wrong
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == before:
            break
    return w, mistakes


@of("train")
def all_examples_with_the_old_weights(X, y, w=None, eta=1.0, epochs=1):
    """Each prediction uses the weights that the example before it left behind, not those from the start of the pass."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = predict(w, X) != y
        w = w + eta * (y[wrong, None] * X[wrong]).sum(dim=0)
        mistakes.append(int(wrong.sum()))
        if not wrong.any():
            break
    return w, mistakes


@of("train")
def given_weights_ignored(X, y, w=None, eta=1.0, epochs=1):
    """Training starts from the weights that are given; zeros are only for w=None."""
    w = X.new_zeros(X.shape[1])
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def learning_rate_lost(X, y, w=None, eta=1.0, epochs=1):
    """The learning rate that train is given never reaches the update."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t])
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def stops_at_the_first_right_answer(X, y, w=None, eta=1.0, epochs=1):
    """A right answer ends nothing: only a whole pass without a mistake ends the training."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            if predict(w, X[t]) == y[t]:
                break
            wrong += 1
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train", uses="zeros")
def starts_from_float32_zeros(X, y, w=None, eta=1.0, epochs=1):
    """torch.zeros(m) is float32 whatever X is: the weights should have the dtype of X."""
    w = torch.zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            if predict(w.to(X.dtype), X[t]) != y[t]:
                wrong += 1
                w = w + (eta * y[t] * X[t]).float()
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train", uses="zeros")
def zeros_on_the_default_device(X, y, w=None, eta=1.0, epochs=1):
    """torch.zeros makes the first weights on the CPU unless a device is named: they should be made where X lies."""
    w = torch.zeros(X.shape[1], dtype=X.dtype) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def never_looks_at_the_data(X, y, w=None, eta=1.0, epochs=1):
    """Nothing is learnt here: each pass goes through the examples, and `update` moves the weights on each mistake."""
    return (torch.zeros(X.shape[1]) if w is None else w.clone()), [1] * epochs


@of("train")
def keeps_the_best_weights(X, y, w=None, eta=1.0, epochs=1):
    """The weights after the last pass are asked for, not the best so far: that is the pocket algorithm."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    best, fewest, mistakes = w, len(X) + 1, []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        left = int((predict(w, X) != y).sum())
        if left < fewest:
            best, fewest = w, left
        if wrong == 0:
            break
    return best, mistakes


@of("train")
def rows_in_reverse(X, y, w=None, eta=1.0, epochs=1):
    """Examples come in the order of the rows; here the last one comes first."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in reversed(range(len(X))):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def another_column_of_ones(X, y, w=None, eta=1.0, epochs=1):
    """The last column of X is the constant 1 already: with another one there is a weight too many."""
    X = torch.cat([X, X.new_ones(len(X), 1)], dim=1)
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def labels_taken_for_zero_and_one(X, y, w=None, eta=1.0, epochs=1):
    """The labels are -1 and +1 already; 2y - 1 makes -3 of the -1."""
    y = 2 * y - 1
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def starts_from_ones(X, y, w=None, eta=1.0, epochs=1):
    """Where no weights are given, training starts from zeros, not from ones."""
    w = X.new_ones(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def trains_the_callers_weights(X, y, w=None, eta=1.0, epochs=1):
    """`w += ...` trains the weights that were passed: start from a copy of them."""
    w = X.new_zeros(X.shape[1]) if w is None else w
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            if predict(w, X[t]) != y[t]:
                wrong += 1
                w += eta * y[t] * X[t]
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def labels_multiplied_into_the_examples(X, y, w=None, eta=1.0, epochs=1):
    """`X *= y` writes the labels into the caller's examples: make a new tensor."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    X *= y[:, None]
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            if predict(w, y[t] * X[t]) != y[t]:
                wrong += 1
                w = w + eta * X[t]
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def one_pass_whatever_was_asked(X, y, w=None, eta=1.0, epochs=1):
    """There are as many as `epochs` passes, as long as there are mistakes; here there is one."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    wrong = 0
    for t in range(len(X)):
        wrong += int(predict(w, X[t]) != y[t])
        w = update(w, X[t], y[t], eta)
    return w, [wrong]


@of("train")
def one_pass_more_than_asked(X, y, w=None, eta=1.0, epochs=1):
    """There is one pass more than `epochs`, the largest number that there may be."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs + 1):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def weights_still_tracked(X, y, w=None, eta=1.0, epochs=1):
    """The perceptron's rule needs no gradient: the weights that are returned should not require one."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w.requires_grad_(), mistakes


@of("train")
def mistakes_as_tensors(X, y, w=None, eta=1.0, epochs=1):
    """The numbers of mistakes should be Python ints: a sum of comparisons is a tensor, and int() takes its number."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = torch.zeros((), dtype=torch.int64, device=X.device)
        for t in range(len(X)):
            wrong += predict(w, X[t]) != y[t]
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def at_least_one_pass(X, y, w=None, eta=1.0, epochs=1):
    """With epochs=0 there is no pass at all: here the first one is made before anybody asks."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    while True:
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0 or len(mistakes) >= epochs:
            break
    return w, mistakes


@of("train", uses="randperm")
def shuffled(X, y, w=None, eta=1.0, epochs=1):
    """The examples come in the order of the rows; here they are shuffled in each pass."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in torch.randperm(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def averaged_perceptron(X, y, w=None, eta=1.0, epochs=1):
    """The last weights are asked for; these are the mean of all weights on the way: the averaged perceptron."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes, total, steps = [], torch.zeros_like(w), 0
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
            total, steps = total + w, steps + 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return (total / steps if steps else w), mistakes


@of("train")
def weights_alone(X, y, w=None, eta=1.0, epochs=1):
    """train returns two things, the weights and the list of mistakes; this is the weights alone."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        if wrong == 0:
            break
    return w


@of("train")
def counted_after_the_update(X, y, w=None, eta=1.0, epochs=1):
    """A mistake is counted before the update: after it the example may be right already."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            w = update(w, X[t], y[t], eta)
            wrong += int(predict(w, X[t]) != y[t])
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def returns_after_one_pass(X, y, w=None, eta=1.0, epochs=1):
    """Training ends after the first pass, or with nothing if there is none: mind the indentation of `return`."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        return w, mistakes
    return None


@of("train")
def no_weights_to_start_from(X, y, w=None, eta=1.0, epochs=1):
    """w may be None, which cannot be multiplied: None stands for zeros, which have to be made."""
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for t in range(len(X)):
            wrong += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, mistakes


@of("train")
def mistakes_in_one_number(X, y, w=None, eta=1.0, epochs=1):
    """The mistakes of each pass come in a list; this is one number for all passes."""
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    total = 0
    for _ in range(epochs):
        before = total
        for t in range(len(X)):
            total += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
        if total == before:
            break
    return w, total


# --- margin ---------------------------------------------------------------------------------------


@of("margin")
def not_divided_by_the_norm(w, X, y):
    """A distance does not depend on the length of w: divide by ||w||."""
    return (y * (X @ w)).min()


@of("margin", keeps=0.5)
def divided_by_the_squared_norm(w, X, y):
    """The scores are divided by ||w||, not by its square."""
    return (y * (X @ w)).min() / (w @ w)


@of("margin")
def mean_for_minimum(w, X, y):
    """The margin is that of the worst example, the minimum; this is the mean."""
    return (y * (X @ w)).mean() / w.norm()


@of("margin")
def without_sign(w, X, y):
    """The absolute value hides on which side an example lies: a margin is negative if one is on the wrong side."""
    return (X @ w).abs().min() / w.norm()


@of("margin")
def labels_forgotten(w, X, y):
    """The labels are missing: y_i (w . x_i) is positive where example i is right."""
    return (X @ w).min() / w.norm()


@of("margin")
def largest_instead_of_smallest(w, X, y):
    """This is the distance of the best example; the margin is that of the worst."""
    return (y * (X @ w)).max() / w.norm()


@of("margin", keeps=0.5)
def norm_without_the_bias(w, X, y):
    """||w|| here is the norm of the whole w, the bias included."""
    return (y * (X @ w)).min() / w[:-1].norm()


@of("margin", keeps=0.5)
def a_python_number(w, X, y):
    """The margin should stay a 0-d tensor; .item() or float() takes it out of PyTorch."""
    return ((y * (X @ w)).min() / w.norm()).item()


@of("margin", uses="cuda")
def moved_to_cuda_or_else_the_cpu(w, X, y):
    """The arguments are moved to "cuda" or "cpu", wherever they were: the margin should lie where they lie."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    w, X, y = w.to(device), X.to(device), y.to(device)
    return (y * (X @ w)).min() / w.norm()


@of("margin")
def bias_counted_twice_in_the_score(w, X, y):
    """The bias is in w . x already, as X's last column is the constant 1: here it is added once more."""
    return (y * (X @ w + w[-1])).min() / w.norm()


@of("margin")
def only_the_examples_of_one_class(w, X, y):
    """Every example counts, those with y = -1 as well."""
    return (X[y > 0] @ w).min() / w.norm()


@of("margin")
def margin_in_float32(w, X, y):
    """The margin should have the dtype of X; here float64 comes back as float32."""
    return ((y * (X @ w)).min() / w.norm()).float()


@of("margin")
def never_below_nought(w, X, y):
    """The margin is signed: it is negative where an example is wrong, and says by how much. It is not cut off at 0."""
    return ((y * (X @ w)).min() / w.norm()).clamp(min=0)


@of("margin")
def weights_normalised_in_place(w, X, y):
    """`w /= ...` writes into the caller's weights: make a new tensor."""
    w /= w.norm()
    return (y * (X @ w)).min()


@of("margin")
def sign_flipped(w, X, y):
    """The sign is flipped: the margin is positive if every example is on its right side."""
    return -(y * (X @ w)).min() / w.norm()


@of("margin")
def a_distance_for_each_example(w, X, y):
    """These are the distances of all examples; the margin is the smallest of them, one number."""
    return y * (X @ w) / w.norm()


@of("margin")
def column_against_row(w, X, y):
    """(n, 1) against (n,) gives (n, n), every score with every label: keep both in shape (n,)."""
    return (y * (X @ w.reshape(-1, 1))).min() / w.norm()


@of("margin")
def sum_of_sizes_for_the_norm(w, X, y):
    """||w|| is the Euclidean norm, the root of the sum of squares; this adds up the absolute values."""
    return (y * (X @ w)).min() / w.abs().sum()


@of("margin")
def norm_of_the_examples(w, X, y):
    """The scores are divided by the norm of w, not by that of X."""
    return (y * (X @ w)).min() / X.norm()


@of("margin")
def which_example_it_is(w, X, y):
    """argmin says which example is the worst; the margin is its distance, .min()."""
    return (y * (X @ w)).argmin()
