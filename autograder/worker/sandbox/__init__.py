"""The sandbox: what a worker does to itself before it meets a student's code."""
