"""What one check meets: the student's functions, random inputs, ways to compare, and the judge of what came of it."""
