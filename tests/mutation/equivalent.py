"""Mutants that lose no mark, each with the reason why that is right: (notebook, exercise, change) -> reason."""

_OVERWRITTEN = "a constant column is set to 0 afterwards, whatever it was divided by"
_WORDS = "the contract asks for a ValueError; its words are the student's own"
_DEVICE = "a device bug, and no wrong answer on the CPU: only an accelerator shows it"
_LENGTHS = "X and y have the same length by the contract, so strict or not is the same"
_ONE_LOGIT = "the layer's output is (n, 1), so -1 and +1 name the same dimension"
_BOTH_BRANCHES = "both branches are exact for 0 <= z < 1: e^z / (1 + e^z) and 1 / (1 + e^-z) are one number"
_PROMOTION = "logits * y promotes integer labels to the logits' dtype by itself"
_LOSS_CONVERTS = "on one device only the dtype of y is left to convert, and bce_loss takes labels of any dtype"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("logistic_regression", "sigmoid", "- positive = z >= 0 + positive = z > 0"): _BOTH_BRANCHES,
    ("logistic_regression", "sigmoid", "- positive = z >= 0 + positive = z >= 1"): _BOTH_BRANCHES,
    ("logistic_regression", "bce_loss", "- y = y.to(logits.dtype) + y = y.to(None)"): _PROMOTION,
    (
        "logistic_regression",
        "LogisticRegression",
        "- return self.linear(X).squeeze(-1) + return self.linear(X).squeeze(+1)",
    ): _ONE_LOGIT,
    (
        "logistic_regression",
        "train",
        "- X, y = X.to(parameter), y.to(parameter) + X, y = X.to(parameter), y.to(None)",
    ): _LOSS_CONVERTS,
    (
        "tensor_ops",
        "standardize",
        "- deviation = X.std(dim=0, correction=0).masked_fill(constant, 1.0)  # (m,) "
        "+ deviation = X.std(dim=0, correction=0).masked_fill(constant, 2.0)  # (m,)",
    ): _OVERWRITTEN,
    **{
        (
            "tensor_ops",
            "one_hot",
            f'- raise ValueError(f"labels must be from 0 to {{num_classes - 1}}") + raise ValueError({words})',
        ): _WORDS
        for words in (
            "None",
            'f"labels must be from 0 to {num_classes + 1}"',
            'f"labels must be from 0 to {num_classes - 2}"',
        )
    },
    **{
        (
            "tensor_ops",
            "one_hot",
            "- classes = torch.arange(num_classes, device=labels.device) "
            f"+ classes = torch.arange(num_classes, {device})",
        ): _DEVICE
        for device in ("device=None", "")
    },
    **{
        (
            "perceptron",
            "train",
            f"- for x_t, y_t in zip(X, y, strict=True): + for x_t, y_t in zip(X, y, {other}):",
        ): _LENGTHS
        for other in ("strict=None", "strict=False", "")
    },
}
