"""The template: imports everything once, and forks a worker when a grader asks."""
