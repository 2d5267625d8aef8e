"""Results: the outcome of each check, recorded, stored and compared."""
