"""Prove an assignment: `assignment.py` puts together what the other modules find wrong with it, each one kind."""
