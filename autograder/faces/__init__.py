"""The faces of the kit: the command line, the pytest plugin, and what they show."""
