"""The assignment as its author wrote it: the course folder, each notebook's plan, and variants of its exercises."""
