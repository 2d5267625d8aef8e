"""`autograder grade --dask ADDRESS`: grade a class on the machines of an existing Dask cluster.

    tutor's machine              Dask worker (trusted)              graders (its own program)
    reads the notebooks   --->   takes a batch for each of   --->   the kit's ClassRun: template,
    writes records        <---   its threads                 <---   sandbox and checks, on that machine

Each Dask worker has as many graders as threads (`dask worker --nthreads N`), and its own template. The
workers need only the kit, and no shared files: notebooks and the course's files are sent as bytes. A grader mostly
gets batches of one notebook, as on one machine, and the last batches are small, so that all end together.

What Dask carries to a worker compares the two kits first, by version and by file, and a worker with another kit is
refused by its address. A worker that refuses, or is refused, ends the run; what the others had in work is recorded.
Where a worker starts its graders, the fingerprint of engine, checks, course and settings must be the same as well.

Dask sends Python objects by pickle, between machines that trust each other: whoever reaches its scheduler can
run programs on them, so run it in a closed network, or behind TLS by Dask's own settings (distributed.comm.tls). Dask
never unpickles anything that a student made: a batch and its results are each one byte string of msgpack.
"""
