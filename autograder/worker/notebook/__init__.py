"""The service around one notebook's namespace: runs its cells, answers calls of its functions."""
