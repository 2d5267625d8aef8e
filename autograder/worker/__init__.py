"""What runs in the worker: the template that forks, the sandbox, and the service around student code.

Everything imported here is in the reach of the student's code, so nothing secret may be.
"""
