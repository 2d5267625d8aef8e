"""What people use: the command line, HTML pages, exports, nbgrader, Gradescope, and the pytest plugin."""
