"""Mutants that are right by the contract, each with the reason why: (notebook, exercise, change) -> reason."""

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
    **{
        (
            "perceptron",
            "train",
            f"- for x_t, y_t in zip(X, y, strict=True): + for x_t, y_t in zip(X, y, {other}):",
        ): _LENGTHS
        for other in ("strict=None", "strict=False", "")
    },
}
