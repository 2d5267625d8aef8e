"""Students whose code is much alike, by fingerprints of its text; nothing is run."""
