"""Everything that runs one check: the student's functions, random inputs, comparisons, and the judge of its outcome."""
