"""Gradescope: results.json as it reads it, the archive that it builds its container from, and what runs in there.

Sources: Gradescope's "Autograder Specifications", "Best Practices" and "Technical Details", of its published
documentation (gradescope-autograders).
"""
