"""Gradescope: its results.json, the archive from which it builds its container, and the program that runs there.

Sources: Gradescope's "Autograder Specifications", "Best Practices" and "Technical Details", of its published
documentation (gradescope-autograders).
"""
