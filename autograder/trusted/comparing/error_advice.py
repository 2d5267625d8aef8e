"""What can be said of a common exception to everybody: of torch's and Python's errors, a sentence each."""

from __future__ import annotations

import re

# What an exception says, and what can be said of it to everybody. The first that is found counts.
_ERRORS = {
    r"Boolean value of Tensor with more than one value": (
        "`if`, `while`, `and`, `or` and `not` need one truth value, and a comparison of tensors has one for "
        "each element: torch.where decides for each."
    ),
    r"truth value of an array": "`if` needs one truth value, and a comparison of arrays has one for each element.",
    r"Boolean value of Tensor with no values": "An empty tensor has no truth value: look at its length first.",
    r"len\(\) of a .*-d tensor": (
        "One example or one number is a 0-d tensor, which has no length: .numel() and .mean() work for every shape."
    ),
    r"iteration over a .*-d tensor": "One example or one number is a 0-d tensor, which no loop goes through.",
    r"cannot be converted to Scalar|only one element tensors can be converted": (
        "float(), int(), .item() and the functions of math take one number, and this tensor has several."
    ),
    r"'(float|int|bool)' object has no attribute": "This is a plain Python number, which has no method of a tensor's.",
    r"backward through the graph a second time": (
        "backward frees the graph that it goes through: compute the loss anew before each backward."
    ),
    r"does not require grad and does not have a grad_fn": (
        "Nothing that this was computed from requires a gradient, or the graph was cut on the way, so there "
        "is nothing to differentiate."
    ),
    r"One of the differentiated Tensors does not require grad": (
        "A gradient is asked for with respect to a tensor that does not require one."
    ),
    r"differentiated Tensors appears to not have been used": (
        "A gradient is asked for with respect to a tensor from which the result was not computed."
    ),
    r"implicitly created only for scalar outputs": "backward and grad start from one number, such as a mean or a sum.",
    r"leaf Variable that requires grad is being used in an in-place": (
        "A tracked leaf cannot be changed in place while the graph records: torch.no_grad() switches the recording off."
    ),
    r"modified by an inplace operation": "A number that the backward pass needs was overwritten in place.",
    r"Can.t call numpy\(\) on Tensor that requires grad": (
        "A tensor that requires grad has to leave the graph before it becomes an array."
    ),
    r"device type tensor to numpy": "NumPy reads the CPU's memory only.",
    r"on the same device|two devices|different from other tensors": (
        "Tensors on two devices met: one that was made or moved here does not lie where the arguments lie."
    ),
    r"compiled with CUDA|NVIDIA driver|No CUDA GPUs|Cannot access accelerator device": (
        "The code asks for a GPU, which not every machine has."
    ),
    r"same dtype|expected scalar type|have same dtype": (
        "Two dtypes met in one product: one operand has another dtype than the other."
    ),
    r"shapes cannot be multiplied|size mismatch|inconsistent tensor size|D tensors expected|both arguments to linalg": (
        "The shapes do not fit this product: its inner sizes have to be equal."
    ),
    r"same number of dimensions": "What is joined needs equally many dimensions: a column is (n, 1), not (n,).",
    r"Sizes of tensors must match except": "What is joined needs equal sizes in all other dimensions.",
    r"size of tensor a|shape mismatch|must match the existing size|broadcast": (
        "The two shapes cannot be broadcast: sizes have to be equal, or one of them 1."
    ),
    r"Dimension out of range": "The tensor has fewer dimensions than this one's number asks for.",
    r"is invalid for input of size": "Another shape needs as many elements as there are.",
    r"index .* is out of bounds|index out of range": "An index lies outside what it looks into.",
    r"NoneType": "Something is None here, as what a function without `return` gives back, or a .grad without backward.",
    r"unpack": "What comes back is taken apart into another number of things than it has.",
    r"required positional argument|positional arguments? but|unexpected keyword argument": (
        "A function is called with other arguments than it takes."
    ),
    r"cannot assign (module|parameter|buffer)s? before": "super().__init__() has to come first in __init__.",
    r"cast to the desired output type": "An operation in place cannot give what it writes into another dtype.",
    r"object is not callable": "What stands before the brackets is no function.",
    r"stack expects a non-empty|expected a non-empty list": (
        "There may be nothing to join: no rows give no list entries."
    ),
    r"numel\(\) == ": "An empty tensor has neither a largest nor a smallest element.",
    r"must be Tensor, not": "A function of torch's was given something that is no tensor.",
    r"referenced before assignment|not associated with a value": (
        "On some way through the function this name gets no value."
    ),
    r"name .* is not defined": "No cell defines this name when the notebook runs from the top.",
}
_KNOWN = tuple((re.compile(pattern), sentence) for pattern, sentence in _ERRORS.items())


def advice_on(said: str) -> str:
    """The sentence for an exception by its text; "" for one that is not known."""
    return next((sentence for pattern, sentence in _KNOWN if pattern.search(said)), "")
