"""What can be seen and said of an answer beside the right one."""
