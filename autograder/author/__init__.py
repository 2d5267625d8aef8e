"""The author's tools: rebuild the three views of an assignment, and make sample submissions from it."""
