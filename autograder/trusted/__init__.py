"""The trusted side: a submission is found, read, executed, checked and recorded here.

No line of a student's code runs in this process, and nothing that a worker says is believed.
"""
