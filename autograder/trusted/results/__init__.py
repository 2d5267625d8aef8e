"""Results: what came of each check, recorded, stored and compared."""
