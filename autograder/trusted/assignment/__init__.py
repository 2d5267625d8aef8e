"""The assignment as its author made it: course folders, each notebook's plan, and other versions of its exercises."""
