"""An autograded PyTorch workshop, and the grader that marks it.

- `autograder.trusted`  finds, reads, checks and records submissions; never runs a student's code;
- `autograder.worker`   runs in the sandboxed worker, together with the student's code; holds no secret;
- `autograder.wire`     the protocol between the two; both also use `errors` and `sim`;
- `autograder.checks`   the hidden checks and other content of an assignment;
- `autograder.checking` everything that the author of checks imports;
- `autograder.author`   the author's tools; `autograder.cluster`: grading on a Dask cluster;
- `autograder.faces`    what people use: command line, reports, exports, nbgrader, Gradescope, pytest options.
"""

__version__ = "0.2.0"
