"""An autograded PyTorch workshop, and the grader that marks it.

The rooms show which side of the trust wall a file stands on:

- `autograder.trusted`  finds, reads, examines and records submissions; never runs a student's code;
- `autograder.checking`   the hidden checks, run by pytest on the trusted side;
- `autograder.worker`   runs in the sandboxed worker, together with the student's code; holds no secret;
- `autograder.wire`     the plain data that both sides speak;
- `autograder.faces`    what people use: command line, pytest options, reports.
"""

__version__ = "0.1.0"
