"""The vocabulary of quotation: what Python, torch and numpy say of common mistakes, and what they call things.

In a message, `{n}` stands for a whole number, `{shape}` for several, `{name}` for an identifier, `{type}` for what a
class is called, and `{any}` for text that is never quoted. What follows a message is left out.
"""

from __future__ import annotations

MESSAGES: tuple[str, ...] = (
    # torch: shapes and dimensions
    "mat1 and mat2 shapes cannot be multiplied ({shape} and {shape})",
    "size mismatch, got input ({n}), mat ({shape}), vec ({n})",
    "inconsistent tensor size, expected tensor {shape} and src {shape} to have the same number of elements",
    "1D tensors expected, but got {n}D and {n}D tensors",
    "The size of tensor a ({n}) must match the size of tensor b ({n}) at non-singleton dimension {n}",
    "shape '{shape}' is invalid for input of size {n}",
    "Tensors must have same number of dimensions: got {n} and {n}",
    "Sizes of tensors must match except in dimension {n}. Expected size {n} but got size {n} for tensor number {n}",
    "stack expects each tensor to be equal size, but got {shape} at entry {n} and {shape} at entry {n}",
    "stack expects a non-empty TensorList",
    "index {n} is out of bounds for dimension {n} with size {n}",
    "index {n} is out of bounds for axis {n} with size {n}",
    "too many indices for tensor of dimension {n}",
    "too many indices for array",
    "invalid index of a 0-dim tensor. Use `tensor.item()`",
    "Dimension out of range (expected to be in range of {shape}, but got {n})",
    "a Tensor with {n} elements cannot be converted to Scalar",
    "only one element tensors can be converted to Python scalars",
    "Boolean value of Tensor with more than one value is ambiguous",
    "Boolean value of Tensor with no values is ambiguous",
    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
    "{name} must be a matrix",
    "{name} must be a 3D tensor",
    "The expanded size of the tensor ({n}) must match the existing size ({n}) at non-singleton dimension {n}",
    "expand({any}): the number of sizes provided ({n}) must be greater or equal to the number of dimensions",
    "number of dims don't match in permute",
    "permute({any}): number of dimensions in the tensor input does not match the length of the desired ordering",
    "The shape of the mask {shape} at index {n} does not match the shape of the indexed tensor {shape} at index {n}",
    "shape mismatch: value tensor of shape {shape} cannot be broadcast to indexing result of shape {shape}",
    "shape mismatch: indexing tensors could not be broadcast together",
    "einsum(): subscript {name} has size {n} for operand {n} which does not broadcast with previously seen size {n}",
    "linalg.solve: A must be batches of square matrices, but they are {n} by {n} matrices",
    "Mismatch in shape: grad_output",
    "Target size (torch.Size({shape})) must be the same as input size (torch.Size({shape}))",
    "Using a target size (torch.Size({shape})) that is different to the input size (torch.Size({shape}))",
    "expected sequence of length {n} at dim {n} (got {n})",
    "upper bound and lower bound inconsistent with step sign",
    "zeros: Dimension size must be non-negative",
    "Trying to create tensor with negative dimension",
    "output with shape {shape} doesn't match the broadcast shape {shape}",
    "view size is not compatible with input tensor's size and stride",
    # torch: dtypes and arguments
    "expected scalar type {type} but found {type}",
    "expected {name} and {name} to have the same dtype, but got: {type} != {type}",
    "mat1 and mat2 must have the same dtype, but got {type} and {type}",
    "{name} input tensors must have the same dtype, but got {type}, {type}, and {type}",
    "dot : expected both vectors to have same dtype, but found {type} and {type}",
    "result type {type} can't be cast to the desired output type {type}",
    "{name}(): argument '{name}' (position {n}) must be {type}, not {type}",
    "{name}(): argument '{name}' (position {n}) must be tuple of ints, not {type}",
    "{name}(): argument '{name}' must be {type}, not {type}",
    "{name}(): argument '{name}' must be tuple of ints, not {type}",
    "{name}() received an invalid combination of arguments",
    "new(): invalid data type '{type}'",
    "too many dimensions '{type}'",
    "{name} only supports boolean masks, but got mask with dtype {type}",
    "{name}(): Expected dtype int32/int64 for index",
    "{name}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {type}",
    "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {type}",
    "expected target dtype to be Long or Byte, but got {type}",
    "one_hot is only applicable to index tensor of type LongTensor",
    "Class values must be non-negative",
    "Class values must be smaller than num_classes",
    "tensors used as indices must be long, int, byte or bool tensors",
    "all elements of input should be between 0 and 1",
    "Subtraction, the `-` operator, with two bool tensors is not supported",
    "Negation, the `-` operator, on a bool tensor is not supported",
    "~ (operator.invert) is only implemented on integer and Boolean-type tensors",
    "Only Tensors of floating point and complex dtype can require gradients",
    "only Tensors of floating point dtype can require gradients",
    "dtype must be a type, str, or dtype object",
    "expected np.ndarray (got {type})",
    "{type} is not a Module subclass",
    "linalg.inv: The diagonal element {n} is zero, the inversion could not be completed because the input matrix is "
    "singular",
    "\"{name}\" not implemented for '{type}'",
    # torch: gradients
    "element {n} of tensors does not require grad and does not have a grad_fn",
    "Trying to backward through the graph a second time",
    "grad can be implicitly created only for scalar outputs",
    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    "a leaf Variable that requires grad is being used in an in-place operation.",
    "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    "one of the variables needed for gradient computation has been modified by an inplace operation",
    "The differentiated Tensor at index {n} appears to not have been used in the graph",
    "One of the differentiated Tensors appears to not have been used in the graph",
    "One of the differentiated Tensors does not require grad",
    "you can only change requires_grad flags of leaf variables",
    "Only Tensors created explicitly by the user support the deepcopy protocol",
    "cannot assign '{type}' as parameter '{name}' (torch.nn.Parameter or None expected)",
    "cannot assign '{type}' object to parameter '{name}' (torch.nn.Parameter or None required)",
    "cannot assign module before Module.__init__() call",
    "cannot assign parameters before Module.__init__() call",
    'Module [{type}] is missing the required "forward" function',
    "optimizer got an empty parameter list",
    "can't optimize a non-leaf Tensor",
    "params argument given to the optimizer should be an iterable of Tensors or dicts, but got {type}",
    # torch: devices and memory
    "Expected all tensors to be on the same device",
    "expected self and mask to be on the same device",
    "CUDA error: out of memory",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED",
    "CUDA error: device-side assert triggered",
    "CUDA error: an illegal memory access was encountered",
    "can't convert {any} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
    "indices should be either on cpu or on the same device as the indexed tensor",
    "Expected a '{name}' device type for generator but found '{name}'",
    "Torch not compiled with CUDA enabled",
    "No CUDA GPUs are available",
    "Found no NVIDIA driver on your system",
    "Expected one of cpu, cuda{any} device type at start of device string",
    "{any}DefaultCPUAllocator: can't allocate memory",
    "CUDA out of memory",
    # files
    "[Errno {n}] {any}No space left on device",
    "[Errno {n}] File too large",
    "[Errno {n}] Disk quota exceeded",
    # numpy
    "operands could not be broadcast together with shapes {shape} {shape}",
    "shapes {shape} and {shape} not aligned",
    "cannot reshape array of size {n} into shape {shape}",
    "ufunc '{name}' did not contain a loop with signature matching types",
    # Python: types
    "unsupported operand type(s) for {operator}: '{type}' and '{type}'",
    "'{operator}' not supported between instances of '{type}' and '{type}'",
    "bad operand type for unary {operator}: '{type}'",
    "bad operand type for {name}(): '{type}'",
    'can only concatenate {type} (not "{type}") to {type}',
    "can't multiply sequence by non-int of type '{type}'",
    "'{type}' object is not callable",
    "'{type}' object is not iterable",
    "'{type}' object is not subscriptable",
    "'{type}' object is not an iterator",
    "'{type}' object does not support item assignment",
    "'{type}' object cannot be interpreted as an integer",
    "'{type}' object has no attribute '{name}'",
    "type object '{type}' has no attribute '{name}'",
    "module '{module}' has no attribute '{name}'",
    "attribute '{name}' of '{type}' objects is not writable",
    "object of type '{type}' has no len()",
    "cannot unpack non-iterable {type} object",
    "unhashable type: '{type}'",
    "{type} indices must be integers, not '{type}'",
    "{type} indices must be integers or slices, not {type}",
    "int() argument must be a string, a bytes-like object or a real number, not '{type}'",
    "float() argument must be a string or a real number, not '{type}'",
    "type {type} doesn't define __round__ method",
    "must be real number, not {type}",
    "sequence item {n}: expected str instance, {type} found",
    "isinstance() arg 2 must be a type, a tuple of types, or a union",
    "exceptions must derive from BaseException",
    # Python: calls
    "{name}() missing {n} required positional argument: '{name}'",
    "{name}() missing {n} required positional arguments: '{name}' and '{name}'",
    "{name}() missing {n} required positional arguments",
    "{name}() missing {n} required keyword-only argument: '{name}'",
    "{type}.__init__() missing {n} required positional argument: '{name}'",
    "{type}.__init__() missing {n} required positional arguments",
    "{type}.__init__() takes {n} positional arguments but {n} were given",
    "{type}.__init__() takes {n} positional argument but {n} were given",
    "{type}.forward() takes {n} positional arguments but {n} were given",
    "{type}.forward() missing {n} required positional argument: '{name}'",
    "{name}() takes {n} positional arguments but {n} were given",
    "{name}() takes {n} positional arguments but {n} was given",
    "{name}() takes {n} positional argument but {n} were given",
    "{name}() takes {n} positional argument but {n} was given",
    "{name}() takes from {n} to {n} positional arguments but {n} were given",
    "{name}() takes no arguments",
    "{name}() got an unexpected keyword argument '{name}'",
    "{type}.__init__() got an unexpected keyword argument '{name}'",
    "{name}() got multiple values for argument '{name}'",
    "{name}() arg is an empty sequence",
    "super(): no arguments",
    "maximum recursion depth exceeded",
    # Python: names and values
    "name '{name}' is not defined",
    "cannot access local variable '{name}' where it is not associated with a value",
    "cannot access free variable '{name}' where it is not associated with a value in enclosing scope",
    "No module named '{module}'",
    "cannot import name '{name}' from '{module}'",
    "invalid literal for int() with base 10",
    "could not convert string to float",
    "list index out of range",
    "tuple index out of range",
    "string index out of range",
    "list assignment index out of range",
    "pop from empty list",
    "too many values to unpack (expected {n})",
    "too many values to unpack (expected {n}, got {n})",
    "not enough values to unpack (expected {n}, got {n})",
    "'{name}'",
    "{n}",
    "division by zero",
    "float division by zero",
    "float modulo",
    "integer modulo by zero",
    "integer division or modulo by zero",
    "math domain error",
    "math range error",
    "cannot convert float NaN to integer",
    "cannot convert float infinity to integer",
    "[Errno 2] No such file or directory",
    "[Errno 13] Permission denied",
    "[Errno 1] Operation not permitted",
    "EOF when reading a line",
    "input() has nobody to ask while the notebook is graded",
    "(the exception's text could not be read)",
    # Python: syntax
    "invalid syntax. Perhaps you forgot a comma?",
    "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
    "invalid syntax",
    "'{bracket}' was never closed",
    "unmatched '{bracket}'",
    "closing parenthesis '{bracket}' does not match opening parenthesis '{bracket}'",
    "expected ':'",
    "expected an indented block",
    "unexpected indent",
    "unindent does not match any outer indentation level",
    "inconsistent use of tabs and spaces in indentation",
    "unexpected EOF while parsing",
    "unexpected character after line continuation character",
    "unterminated string literal",
    "unterminated triple-quoted string literal",
    "incomplete input",
    "invalid character",
    "invalid decimal literal",
    "invalid non-printable character",
    "leading zeros in decimal integer literals are not permitted",
    "'return' outside function",
    "'break' outside loop",
    "'continue' not properly in loop",
    "'yield' outside function",
    "'await' outside function",
    "cannot assign to literal here. Maybe you meant '==' instead of '='?",
    "cannot assign to function call here. Maybe you meant '==' instead of '='?",
    "cannot assign to expression here. Maybe you meant '==' instead of '='?",
    "cannot assign to {name}",
    "Missing parentheses in call to 'print'. Did you mean print(...)?",
    "positional argument follows keyword argument",
    "non-default argument follows default argument",
    "duplicate argument '{name}' in function definition",
    "keyword argument repeated: {name}",
    "f-string: expecting '}'",
    "expected 'except' or 'finally' block",
    "name '{name}' is assigned to before global declaration",
    "name '{name}' is used prior to global declaration",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Beside the exceptions of Python's own.
EXCEPTIONS = _words("LinAlgError _LinAlgError AxisError UFuncTypeError OutOfMemoryError UsageError")

OPERATORS = _words("+ - * / // % ** @ < > <= >= == != & | ^ ~ << >> += -= *= /= //= %= **= @= &= |= ^=")
BRACKETS = _words("( ) [ ] { }")
MODULES = _words("torch numpy math random pandas matplotlib matplotlib.pyplot torch.nn torch.optim torch.nn.functional")

TYPES = _words(
    """
    NoneType bool int float complex str bytes list tuple dict set frozenset range slice type function method
    module generator map filter zip enumerate reversed ellipsis object property iterator list_iterator dict_keys
    dict_values dict_items builtin_function_or_method method-wrapper Tensor Parameter Size device dtype
    torch.Tensor torch.Size torch.dtype torch.device torch.FloatTensor torch.DoubleTensor torch.LongTensor
    Generator Module Linear Sequential ModuleList ParameterList SGD Adam BCELoss BCEWithLogitsLoss Sigmoid Float
    Double Half BFloat16 Long Int Short Char Byte Bool ComplexFloat ComplexDouble Number Scalar float32 float64
    float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 uint64 complex64 complex128 ndarray
    numpy.ndarray numpy.float64 numpy.float32 numpy.int64 numpy.bool matrix DataFrame Series LogisticRegression
    LazyLinear UninitializedParameter UninitializedBuffer
    """
)

# Why a value of these types did not travel from the worker; see `autograder.wire.values`.
REASONS = frozenset(
    {
        "beyond 64 bits",
        "too long",
        "nested too deeply",
        "too many items",
        "too many objects",
        "on the meta device, without values",
        "layout torch.sparse_coo",
        "layout torch.sparse_csr",
        "layout torch.sparse_csc",
        "layout torch.sparse_bsr",
        "layout torch.sparse_bsc",
        "layout torch._mkldnn",
        "nested",
        "dtype complex32",
        "dtype uint16",
        "dtype uint32",
        "dtype uint64",
        "dtype float8_e4m3fn",
        "dtype float8_e5m2",
        "dtype qint8",
        "dtype quint8",
        "dtype qint32",
        "dtype object",
        "too large",
    }
)

# What the arguments of torch's functions and of Python's are called, and the functions.
NAMES = _words(
    """
    input other self size dim dtype device shape tensor tensors index mask source value values condition out end
    start steps weight bias target mat mat1 mat2 batch1 batch2 vec vec1 vec2 fill_value num_classes in_features
    out_features zeros ones empty full exp log sum mean max min abs sigmoid where stack cat dot matmul mm mv bmm
    addmv addmm linear zeros_like ones_like arange linspace randn rand int float len print range sorted list
    isinstance sim cpu cuda masked_fill_ scatter gather index_select add sub mul div pow eye clamp norm sqrt
    one_hot new sign numpy
    """
)

# What parameters of a model are usually called; each part of a name such as "linear.weight" must stand here.
PARAMETERS = _words(
    """
    weight weights bias biases w b W B w0 theta beta intercept coef coefficients linear lin fc fc1 layer layer1
    model net dense out output 0
    """
)
