"""Feedback for students: which submissions are at hand as they were graded, and the pages of a class."""
