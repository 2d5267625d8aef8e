"""What students hand in, as text: found, read, repaired and parsed; nothing is run."""
