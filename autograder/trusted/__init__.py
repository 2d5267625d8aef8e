"""The trusted side: it finds, reads, checks and records submissions, and has workers execute them.

No line of a student's code runs in its processes, and it verifies everything that a worker sends.
"""
