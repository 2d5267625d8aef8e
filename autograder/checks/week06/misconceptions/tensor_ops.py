"""What students get wrong about tensors. The file is read, never imported."""

# --- tensors_of_each_rank -------------------------------------------------------------------------


@of("tensors_of_each_rank")
def whole_numbers():
    """Whole numbers make int64 tensors: write 3.0, or name the dtype."""
    return torch.tensor(3), torch.tensor([1, 2, 3]), torch.eye(2).long(), torch.arange(24).reshape(2, 3, 4)


@of("tensors_of_each_rank")
def a_vector_for_the_scalar():
    """torch.tensor([3.0]) is a vector with one element; a scalar has no dimension at all: torch.tensor(3.0)."""
    tensor = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return torch.tensor([3.0]), torch.tensor([1.0, 2.0, 3.0]), torch.eye(2), tensor


@of("tensors_of_each_rank")
def columns_first():
    """In row order the last index runs fastest: 0, 1, 2, 3 stand beside each other."""
    tensor = torch.arange(24, dtype=torch.float32).reshape(4, 3, 2).permute(2, 1, 0)
    return torch.tensor(3.0), torch.tensor([1.0, 2.0, 3.0]), torch.eye(2), tensor


@of("tensors_of_each_rank")
def from_one_to_twenty_four():
    """The numbers start with 0 and end with 23."""
    tensor = torch.arange(1, 25, dtype=torch.float32).reshape(2, 3, 4)
    return torch.tensor(3.0), torch.tensor([1.0, 2.0, 3.0]), torch.eye(2), tensor


@of("tensors_of_each_rank")
def ones_for_the_identity():
    """The identity has ones on its diagonal and zeros elsewhere."""
    tensor = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return torch.tensor(3.0), torch.tensor([1.0, 2.0, 3.0]), torch.ones(2, 2), tensor


@of("tensors_of_each_rank")
def sent_to_whatever_accelerator_there_is():
    """Nobody asked for an accelerator here: with no argument to follow, tensors stay on PyTorch's default, the CPU."""
    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    tensor = torch.arange(24, dtype=torch.float32, device=device).reshape(2, 3, 4)
    vector = torch.tensor([1.0, 2.0, 3.0], device=device)
    return torch.tensor(3.0, device=device), vector, torch.eye(2, device=device), tensor


@of("tensors_of_each_rank")
def made_by_numpy():
    """NumPy counts in float64, and torch.from_numpy keeps that: name the dtype, float32."""
    matrix = torch.from_numpy(np.eye(2))
    return torch.tensor(3.0), torch.tensor([1.0, 2.0, 3.0]), matrix, torch.arange(24.0).reshape(2, 3, 4)


@of("tensors_of_each_rank")
def four_in_a_list():
    """The four tensors come in a tuple; this is a list."""
    return [torch.tensor(3.0), torch.tensor([1.0, 2.0, 3.0]), torch.eye(2), torch.arange(24.0).reshape(2, 3, 4)]


@of("tensors_of_each_rank")
def a_row_for_the_vector():
    """A vector has one dimension, (3,); double brackets make a matrix with one row, (1, 3)."""
    return torch.tensor(3.0), torch.tensor([[1.0, 2.0, 3.0]]), torch.eye(2), torch.arange(24.0).reshape(2, 3, 4)


# --- affine ---------------------------------------------------------------------------------------


@of("affine")
def row_by_row(X, w, b):
    """The sums are right, but a Python loop takes them one by one: one product does all rows."""
    return torch.stack([torch.dot(row, w) + b for row in X])


@of("affine")
def offset_forgotten(X, w, b):
    """The offset b is not added."""
    return X @ w


@of("affine")
def not_added_up(X, w, b):
    """This multiplies without adding up: each row has one sum, over its features."""
    return X * w + b


@of("affine")
def offset_once_for_each_feature(X, w, b):
    """b is added once to each sum, not once for each feature."""
    return (X * w + b).sum(dim=1)


@of("affine", keeps=0.5)
def a_column_of_sums(X, w, b):
    """The sums have shape (n,), not (n, 1)."""
    return X @ w.reshape(-1, 1) + b


@of("affine")
def always_float32(X, w, b):
    """The sums should have the dtype of X; here float64 comes back as float32."""
    return (X.float() @ w.float() + b).float()


@of("affine", uses="cpu")
def brought_back_to_the_cpu(X, w, b):
    """The sums are computed on the accelerator and then fetched with .cpu(): they should stay where X lies."""
    return (X @ w + b).cpu()


@of("affine")
def squeezed_to_a_number(X, w, b):
    """squeeze() without a dimension removes the batch as well where there is one row: one sum has shape (1,)."""
    return (X @ w.reshape(-1, 1)).squeeze() + b


@of("affine")
def first_column_of_a_vector(X, w, b):
    """w has shape (m,), so X w has shape (n,) already: there is no column to take."""
    return (X @ w)[:, 0] + b


@of("affine")
def offset_must_be_a_tensor(X, w, b):
    """b may be a plain Python float as well, which has no methods of a tensor: adding it needs none."""
    return X @ w + b.to(X.dtype)


@of("affine")
def weighted_in_place(X, w, b):
    """`X *= w` writes into the caller's X: make a new tensor."""
    X *= w
    return X.sum(dim=1) + b


@of("affine")
def sums_not_returned(X, w, b):
    """Nothing comes back from affine: what is computed has to stand after `return`."""
    sums = X @ w + b
    print(sums)


@of("affine")
def offset_subtracted(X, w, b):
    """The offset b is added, not subtracted."""
    return X @ w - b


@of("affine")
def mean_for_the_sum(X, w, b):
    """The products of a row are added up; this takes their mean."""
    return (X * w).mean(dim=1) + b


@of("affine")
def weights_normalised(X, w, b):
    """The weights are divided by their norm first: the product is with w as it is."""
    return X @ (w / w.norm()) + b


@of("affine", uses="item")
def item_of_a_plain_number(X, w, b):
    """b may be a plain number, which has no .item(): X @ w + b works for a number and for a tensor."""
    return X @ w + b.item()


# --- add_bias_column ------------------------------------------------------------------------------


@of("add_bias_column", keeps=0.5)
def ones_come_first(X):
    """The ones are the last column: the bias is the last weight."""
    return torch.cat([torch.ones(len(X), 1, dtype=X.dtype), X], dim=1)


@of("add_bias_column")
def a_row_of_ones(X):
    """This adds a row, an example of ones; the constant is a feature, so a column."""
    return torch.cat([X, torch.ones(1, X.shape[1], dtype=X.dtype)], dim=0)


@of("add_bias_column")
def zeros_for_ones(X):
    """The constant feature is 1; a column of zeros could carry no bias."""
    return torch.cat([X, torch.zeros(len(X), 1, dtype=X.dtype)], dim=1)


@of("add_bias_column")
def one_added_to_everything(X):
    """This adds 1 to every number; a column of ones goes beside X."""
    return X + 1


@of("add_bias_column")
def float32_whatever_was_given(X):
    """The result should have the dtype of X; here float64 comes back as float32."""
    return torch.cat([X.float(), torch.ones(len(X), 1)], dim=1)


@of("add_bias_column", uses="ones")
def ones_on_the_default_device(X):
    """torch.ones makes its ones on the CPU unless a device is named: they should be made where X lies."""
    return torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)


@of("add_bias_column", uses="set_default_device")
def default_device_changed(X):
    """torch.set_default_device moves every tensor that anybody makes afterwards: name the device of this one."""
    torch.set_default_device(X.device)
    return torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)


@of("add_bias_column")
def as_many_ones_as_features(X):
    """A column has one number for each row of X: n ones are needed, not m."""
    return torch.cat([X, X.new_ones(X.shape[1], 1)], dim=1)


@of("add_bias_column")
def turned_over_in_place(X):
    """t_() turns the caller's own X over, and leaves it so: X.T is a view of it that changes nothing."""
    X.t_()
    return torch.cat([X, X.new_ones(1, X.shape[1])], dim=0).t()


# --- standardize ----------------------------------------------------------------------------------


@of("standardize", keeps=0.5)
def sample_for_population(X):
    """This deviation is divided by n - 1; the population's is divided by n (correction=0)."""
    constant = (X == X[0]).all(dim=0)
    deviation = X.std(dim=0).masked_fill(constant, 1.0)
    return ((X - X.mean(dim=0)) / deviation).masked_fill(constant, 0.0)


@of("standardize")
def nan_for_a_constant_column(X):
    """A constant column has deviation 0, and 0/0 is NaN: it should become 0."""
    return (X - X.mean(dim=0)) / X.std(dim=0, correction=0)


@of("standardize")
def rounding_hides_the_constant(X):
    """The mean of many copies of 0.1 is not exactly 0.1, so this deviation is not exactly 0: compare the numbers."""
    centred = X - X.mean(dim=0)
    deviation = centred.square().mean(dim=0).sqrt()
    return torch.where(deviation == 0, torch.zeros_like(X), centred / deviation)


@of("standardize")
def a_little_added_to_the_deviation(X):
    """A small number added to the deviation avoids 0/0, but it makes every other column a little too small."""
    return (X - X.mean(dim=0)) / (X.std(dim=0, correction=0) + 1e-3)


@of("standardize")
def rows_for_columns(X):
    """Each column is standardised, over the examples; here it is each row."""
    mean = X.mean(dim=1, keepdim=True)
    deviation = X.std(dim=1, correction=0, keepdim=True)
    return torch.where(deviation == 0, torch.zeros_like(X), (X - mean) / deviation)


@of("standardize")
def all_columns_together(X):
    """Each column has a mean and a deviation of its own; these are those of all numbers together."""
    deviation = X.std(correction=0)
    return torch.zeros_like(X) if deviation == 0 else (X - X.mean()) / deviation


@of("standardize")
def variance_for_deviation(X):
    """This divides by the variance; the standard deviation is its square root."""
    constant = (X == X[0]).all(dim=0)
    variance = X.var(dim=0, correction=0).masked_fill(constant, 1.0)
    return ((X - X.mean(dim=0)) / variance).masked_fill(constant, 0.0)


@of("standardize")
def mean_left_in(X):
    """The mean is not subtracted, so the columns do not have mean 0."""
    constant = (X == X[0]).all(dim=0)
    return (X / X.std(dim=0, correction=0).masked_fill(constant, 1.0)).masked_fill(constant, 0.0)


@of("standardize", uses="numpy")
def by_way_of_numpy(X):
    """NumPy cannot see an accelerator's memory, and what comes back from it lies on the CPU: stay in PyTorch."""
    A = X.detach().numpy()
    constant = (A == A[0]).all(axis=0)
    deviation = A.std(axis=0)
    deviation[constant] = 1.0
    Z = (A - A.mean(axis=0)) / deviation
    Z[:, constant] = 0.0
    return torch.from_numpy(Z)


@of("standardize")
def first_two_rows_compared(X):
    """There may be one example only, and no second row to compare it with; and a column that starts with equal \
numbers need not be constant."""
    constant = X[0] == X[1]
    deviation = X.std(dim=0, correction=0).masked_fill(constant, 1.0)
    return ((X - X.mean(dim=0)) / deviation).masked_fill(constant, 0.0)


@of("standardize")
def centred_in_place(X):
    """`X -= ...` writes into the caller's X: make a new tensor."""
    constant = (X == X[0]).all(dim=0)
    deviation = X.std(dim=0, correction=0).masked_fill(constant, 1.0)
    X -= X.mean(dim=0)
    return (X / deviation).masked_fill(constant, 0.0)


@of("standardize")
def standardized_in_float32(X):
    """The result should have the dtype of X; here float64 comes back as float32."""
    X = X.float()
    constant = (X == X[0]).all(dim=0)
    deviation = X.std(dim=0, correction=0).masked_fill(constant, 1.0)
    return ((X - X.mean(dim=0)) / deviation).masked_fill(constant, 0.0)


@of("standardize")
def divided_by_the_norm(X):
    """Each column is divided by its norm, so its squares add up to 1; the deviation makes their mean 1."""
    return torch.nn.functional.normalize(X - X.mean(dim=0), dim=0)


@of("standardize")
def range_for_the_deviation(X):
    """This brings each column to the range from 0 to 1; mean 0 and deviation 1 are due."""
    low, high = X.min(dim=0).values, X.max(dim=0).values
    return (X - low) / (high - low)


# --- pairwise_squared_distances -------------------------------------------------------------------


@of("pairwise_squared_distances", keeps=0.5)
def distances_not_squared(A, B):
    """These are the distances themselves: leave the square root out."""
    return (A[:, None, :] - B[None, :, :]).square().sum(dim=-1).sqrt()


@of("pairwise_squared_distances")
def by_the_textbooks_formula(A, B):
    """|a|^2 - 2 a.b + |b|^2 subtracts large numbers that are nearly equal: far from the origin its digits are lost."""
    return A.square().sum(dim=1)[:, None] - 2 * A @ B.T + B.square().sum(dim=1)


@of("pairwise_squared_distances")
def negative_ones_clamped(A, B):
    """Clamping hides the negative distances of |a|^2 - 2 a.b + |b|^2, but not the digits that it has lost."""
    return (A.square().sum(dim=1)[:, None] - 2 * A @ B.T + B.square().sum(dim=1)).clamp(min=0)


@of("pairwise_squared_distances")
def transposed(A, B):
    """Row i of the result belongs to row i of A, and column j to row j of B: this is the other way round."""
    return (B[:, None, :] - A[None, :, :]).square().sum(dim=-1)


@of("pairwise_squared_distances")
def absolute_for_square(A, B):
    """These are sums of absolute differences: the Euclidean distance squares them."""
    return (A[:, None, :] - B[None, :, :]).abs().sum(dim=-1)


@of("pairwise_squared_distances")
def mean_over_the_features(A, B):
    """The squares are added up over the features, not averaged."""
    return (A[:, None, :] - B[None, :, :]).square().mean(dim=-1)


@of("pairwise_squared_distances")
def added_before_squaring(A, B):
    """Square first, then add up: differences of opposite sign cancel here."""
    return (A[:, None, :] - B[None, :, :]).sum(dim=-1).square()


@of("pairwise_squared_distances", uses="tolist")
def by_way_of_lists(A, B):
    """Python lists take the numbers out of PyTorch, and torch.tensor puts them on the CPU: compute with A and B."""
    rows = [[sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) for b in B.tolist()] for a in A.tolist()]
    return torch.tensor(rows, dtype=A.dtype)


@of("pairwise_squared_distances")
def each_row_with_its_partner(A, B):
    """Every row of A meets every row of B, (n, k) distances; this pairs row i with row i alone."""
    return (A - B).square().sum(dim=1)


@of("pairwise_squared_distances")
def distances_in_float32(A, B):
    """The distances should have the dtype of A; here float64 comes back as float32."""
    return (A.float()[:, None, :] - B.float()[None, :, :]).square().sum(dim=-1)


@of("pairwise_squared_distances")
def origin_moved_in_place(A, B):
    """`A -= ...` writes into the caller's points: make new tensors."""
    first = A[0].clone()
    A -= first
    B -= first
    return (A[:, None, :] - B[None, :, :]).square().sum(dim=-1)


@of("pairwise_squared_distances")
def differences_not_added_up(A, B):
    """The squares of the features are still apart, (n, k, m): add them up over the last dimension."""
    return (A[:, None, :] - B[None, :, :]).square()


@of("pairwise_squared_distances", uses="zeros")
def filled_into_float32_zeros(A, B):
    """torch.zeros makes float32 on the CPU, whatever A is: the distances should have the dtype and device of A."""
    D = torch.zeros(len(A), len(B))
    for i in range(len(A)):
        for j in range(len(B)):
            D[i, j] = (A[i] - B[j]).square().sum()
    return D


# --- one_hot --------------------------------------------------------------------------------------


@of("one_hot")
def negative_labels_accepted(labels, num_classes):
    """A label -1 is counted from the end by indexing: it should raise a ValueError."""
    if len(labels) and labels.max() >= num_classes:
        raise ValueError("label too large")
    return torch.eye(num_classes, device=labels.device)[labels]


@of("one_hot")
def index_error_for_value_error(labels, num_classes):
    """Indexing raises an IndexError of its own for a label that is too large: look first, and raise a ValueError."""
    return torch.eye(num_classes)[labels]


@of("one_hot")
def rows_of_noughts_for_bad_labels(labels, num_classes):
    """A label that is out of range silently becomes a row of zeros: it should raise a ValueError."""
    return (labels[:, None] == torch.arange(num_classes)).float()


@of("one_hot", keeps=0.5)
def rows_of_integers(labels, num_classes):
    """These rows are int64, as torch.nn.functional.one_hot gives them; they should be float32."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("label out of range")
    return (labels[:, None] == torch.arange(num_classes)).long()


@of("one_hot")
def counting_from_one(labels, num_classes):
    """Labels count from 0: label 0 has its 1 in the first column."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("label out of range")
    return (labels[:, None] == torch.arange(1, num_classes + 1)).float()


@of("one_hot", keeps=0.5)
def columns_for_rows(labels, num_classes):
    """Each label has a row, (n, num_classes); here each has a column."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("label out of range")
    return (torch.arange(num_classes)[:, None] == labels).float()


@of("one_hot", uses="eye")
def identity_on_the_default_device(labels, num_classes):
    """torch.eye makes its matrix on the CPU unless a device is named: it should be made where the labels lie."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("a label is out of range")
    return torch.eye(num_classes)[labels]


@of("one_hot")
def largest_of_no_labels(labels, num_classes):
    """With no labels there is no smallest or largest one, and asking for it raises an error: no labels give no rows."""
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError("a label is out of range")
    return torch.eye(num_classes, device=labels.device)[labels]


@of("one_hot")
def labels_shifted_in_place(labels, num_classes):
    """`labels += ...` writes into the caller's labels: make a new tensor."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("a label is out of range")
    rows = torch.zeros(len(labels), num_classes, device=labels.device)
    labels += num_classes * torch.arange(len(labels), device=labels.device)
    rows.view(-1)[labels] = 1.0
    return rows


@of("one_hot")
def as_many_columns_as_labels_need(labels, num_classes):
    """There are num_classes columns, whichever labels occur: the largest class may have no example."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("a label is out of range")
    columns = int(labels.max()) + 1 if len(labels) else num_classes
    return torch.eye(columns, device=labels.device)[labels]


@of("one_hot")
def assertion_for_value_error(labels, num_classes):
    """A failed `assert` is an AssertionError: write `raise ValueError(...)`."""
    assert ((labels >= 0) & (labels < num_classes)).all()
    return torch.eye(num_classes, device=labels.device)[labels]


@of("one_hot")
def no_error_for_bad_labels(labels, num_classes):
    """Nothing is raised for a label that is out of range: `raise ValueError(...)` does that."""
    if ((labels < 0) | (labels >= num_classes)).any():
        return None
    return torch.eye(num_classes, device=labels.device)[labels]


@of("one_hot")
def rows_of_truth_values(labels, num_classes):
    """A comparison gives True and False; the rows should hold float32 numbers."""
    if ((labels < 0) | (labels >= num_classes)).any():
        raise ValueError("label out of range")
    return labels[:, None] == torch.arange(num_classes, device=labels.device)


@of("one_hot", uses="one_hot")
def left_to_the_ready_one(labels, num_classes):
    """The ready one_hot raises a RuntimeError for a label out of range: look first, and raise a ValueError."""
    return torch.nn.functional.one_hot(labels, num_classes).float()


# --- to_numpy -------------------------------------------------------------------------------------


@of("to_numpy")
def still_tracked(x):
    """A tensor that requires grad cannot become an array: take it out of the graph first."""
    return x.cpu().numpy()


@of("to_numpy")
def a_list_for_an_array(x):
    """This is a Python list (or number), not a NumPy array."""
    return x.tolist()


@of("to_numpy")
def by_way_of_a_list(x):
    """The dtype is lost on the way, as through a Python list: float32 comes back as float64."""
    return np.array(x.tolist())


@of("to_numpy")
def flattened(x):
    """The shape is lost: the array should have the shape of the tensor."""
    return x.detach().cpu().numpy().ravel()


@of("to_numpy")
def tracking_switched_off(x):
    """This switches off requires_grad of the caller's tensor: leave it as it was."""
    x.requires_grad_(False)
    return x.cpu().numpy()


@of("to_numpy")
def never_fetched_from_the_accelerator(x):
    """NumPy reads the CPU's memory only: a tensor on an accelerator has to come by .cpu() first."""
    return x.detach().numpy()


@of("to_numpy")
def numbers_in_float32(x):
    """The array should have the dtype of the tensor; here all numbers become float32."""
    return x.detach().cpu().float().numpy()


@of("to_numpy")
def a_tensor_for_an_array(x):
    """This is still a tensor: .numpy() makes an array of it."""
    return x.detach().cpu()


# --- sum_requires_grad ----------------------------------------------------------------------------


@of("sum_requires_grad")
def all_for_any(*tensors):
    """One tracked part is enough for the sum to be tracked; here one alone does not count."""
    return all(tensor.requires_grad for tensor in tensors)


@of("sum_requires_grad")
def only_the_first(*tensors):
    """Every tensor counts, not only the first."""
    return bool(tensors) and tensors[0].requires_grad


@of("sum_requires_grad")
def by_adding_up(*tensors):
    """This computes the sum, and fails where the shapes do not fit together: ask the tensors themselves."""
    return sum(tensors).requires_grad


@of("sum_requires_grad")
def the_wrong_way_round(*tensors):
    """This says whether the sum is NOT tracked."""
    return not any(tensor.requires_grad for tensor in tensors)


@of("sum_requires_grad")
def how_many(*tensors):
    """This is how many are tracked; the answer is True or False."""
    return sum(tensor.requires_grad for tensor in tensors)


@of("sum_requires_grad")
def just_two_tensors(x, y):
    """There may be any number of tensors, not just two: one parameter with a star takes them all."""
    return x.requires_grad or y.requires_grad


@of("sum_requires_grad")
def detached_in_place(*tensors):
    """The answer is right, but detach_() stops the tracking of the caller's own tensors: leave them as they were."""
    tracked = any(tensor.requires_grad for tensor in tensors)
    for tensor in tensors:
        tensor.detach_()
    return tracked


@of("sum_requires_grad")
def largest_of_no_tensors(*tensors):
    """For no tensors at all the answer is False, but max of nothing raises an error."""
    return max(tensor.requires_grad for tensor in tensors)


@of("sum_requires_grad")
def only_the_last(*tensors):
    """Every tensor counts, not only the last, and there may be none at all."""
    return tensors[-1].requires_grad


# --- double_until ---------------------------------------------------------------------------------


@of("double_until")
def beyond_the_threshold(x, threshold):
    """A norm of exactly the threshold is enough: here it is doubled once more."""
    while 0 < x.norm() <= threshold:
        x = 2 * x
    return x


@of("double_until")
def doubled_at_least_once(x, threshold):
    """A vector that has reached the threshold already is not doubled at all."""
    x = 2 * x
    while 0 < x.norm() < threshold:
        x = 2 * x
    return x


@of("double_until")
def largest_element_for_the_norm(x, threshold):
    """The Euclidean norm is the root of the sum of squares; this looks at the largest element."""
    while 0 < x.abs().max() < threshold:
        x = 2 * x
    return x


@of("double_until")
def sum_of_sizes_for_the_norm(x, threshold):
    """The Euclidean norm is the root of the sum of squares; this adds up the absolute values."""
    while 0 < x.abs().sum() < threshold:
        x = 2 * x
    return x


@of("double_until")
def doubled_in_place(x, threshold):
    """Doubling in place, as x *= 2 does, changes the caller's tensor, and PyTorch refuses it for a tracked leaf."""
    while 0 < x.norm() < threshold:
        x *= 2
    return x


@of("double_until")
def graph_cut(x, threshold):
    """The numbers are right, but the doublings are not recorded: no gradient flows back to x."""
    y = x.detach()
    while 0 < y.norm() < threshold:
        y = 2 * y
    return y


@of("double_until")
def only_the_last_doubling_recorded(x, threshold):
    """The graph is cut before the last doubling, so the gradient is 2 instead of 2^k."""
    doubled = x
    while 0 < doubled.norm() < threshold:
        doubled = 2 * (doubled.detach() + x - x.detach())
    return doubled


@of("double_until", uses="cuda")
def moved_to_cuda_or_else_the_cpu(x, threshold):
    """The argument is moved to "cuda" or "cpu", wherever it was: the result should lie where x lies."""
    x = x.to("cuda" if torch.cuda.is_available() else "cpu")
    while 0 < x.norm() < threshold:
        x = 2 * x
    return x


@of("double_until", helpers="import math")
def by_the_logarithm(x, threshold):
    """The logarithm counts the doublings only where threshold and norm are positive: any threshold may be given."""
    k = max(0, math.ceil(math.log2(threshold / float(x.norm()))))
    return 2.0**k * x


@of("double_until")
def doubled_in_float32(x, threshold):
    """The result should have the dtype of x; here float64 comes back as float32."""
    x = x.float()
    while 0 < x.norm() < threshold:
        x = 2 * x
    return x


@of("double_until")
def nought_refused(x, threshold):
    """The zero vector never reaches a threshold, but that is no error: it is returned as it is."""
    if not x.any():
        raise ValueError("the zero vector cannot be doubled")
    while x.norm() < threshold:
        x = 2 * x
    return x


@of("double_until")
def doubled_once_at_most(x, threshold):
    """This doubles once at most: go on, with `while`, until the norm reaches the threshold."""
    if 0 < x.norm() < threshold:
        x = 2 * x
    return x


@of("double_until")
def root_left_out_of_the_norm(x, threshold):
    """This looks at the sum of squares; the Euclidean norm is its root."""
    while 0 < x.square().sum() < threshold:
        x = 2 * x
    return x
