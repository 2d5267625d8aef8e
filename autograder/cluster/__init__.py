"""`autograder grade --dask ADDRESS`: a class, graded by the machines of an existing Dask cluster.

    tutor's machine              Dask worker (trusted)              graders (its own program)
    reads the notebooks   --->   takes a batch for each of   --->   the kit's ClassRun: template,
    writes records        <---   its threads                 <---   sandbox and checks, on that machine

Each Dask worker has as many graders as threads (`dask worker --nthreads N`), and its own template. The
workers need the kit installed, and nothing else in common: notebooks and the course's files travel as bytes, and a
fingerprint of engine, checks, course and settings must be the same on both sides.

Dask moves Python objects by pickle, between machines that trust each other: whoever reaches its scheduler can
run programs on them, so it belongs into a closed network or behind TLS. Of a student's, Dask carries nothing but
bytes: a batch is one byte string of msgpack on its way there, and one on its way back.
"""
