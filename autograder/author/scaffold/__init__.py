"""`autograder new`: make a course, an assignment, a notebook, an exercise, ready to edit and in step.

Each is an example that holds at once: it can be solved and wrongly solved, and `autograder check` proves it. The texts
are in templates/, as they are written.
"""
