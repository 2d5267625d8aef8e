"""Exhausting time, memory, disk and the grader's patience."""

from __future__ import annotations

from tests.attacks.attack import FULL, Attack, attempted, before_all, instead_of_update

RAW = """
import gc, os, struct, time
def header(length):
    # its number is that of the question which is asked now
    asked = next((each._number for each in gc.get_objects() if type(each).__name__ == "Service"), 0)
    return struct.pack(">II", length, asked)
def raw(*chunks):
    for chunk in chunks:
        os.write(max(d for d in range(3, 64) if _is_socket(d)), chunk)
def _is_socket(d):
    import stat
    try: return stat.S_ISSOCK(os.fstat(d).st_mode)
    except OSError: return False
"""
LOST = {"stock": False}

ATTACKS = (
    instead_of_update(
        "loops for ever", "def update(w, x, y, eta=1.0):\n    while True: pass", status="timeout", **LOST
    ),
    instead_of_update(
        "sleeps for ever", "import time\ndef update(w, x, y, eta=1.0):\n    time.sleep(10**6)", status="timeout", **LOST
    ),
    before_all("loops for ever on import", "while True: pass", status="timeout", **LOST),
    instead_of_update(
        "multiplies matrices that no signal interrupts",
        """
        def update(w, x, y, eta=1.0):
            A = torch.ones(6000, 6000, dtype=torch.float64)
            return A.matrix_power(2**40)
        """,
        status="timeout",
        **LOST,
    ),
    instead_of_update(
        "catches SIGXCPU and SIGTERM and goes on",
        """
        import signal
        for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGALRM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        def update(w, x, y, eta=1.0):
            while True:
                try:
                    while True: pass
                except BaseException: pass
        """,
        status="timeout",
        **LOST,
    ),
    instead_of_update(
        "stops itself",
        "import os, signal\ndef update(w, x, y, eta=1.0):\n    signal.raise_signal(signal.SIGSTOP)",
        status="timeout",
        **LOST,
    ),
    instead_of_update(
        "deadlocks",
        "import threading\n_l = threading.Lock()\n_l.acquire()\ndef update(w, x, y, eta=1.0):\n    _l.acquire()",
        status="timeout",
        **LOST,
    ),
    instead_of_update(
        "waits for input",
        "import os\ndef update(w, x, y, eta=1.0):\n    r, _ = os.pipe()\n    os.read(r, 1)",
        status="timeout",
        **LOST,
    ),
    attempted("forks a bomb", "while True: os.fork()", stock=False),
    attempted(
        "starts a bomb of threads",
        "for _ in range(100_000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        stock=False,
    ),
    attempted(
        "takes memory by malloc",
        """
        _libc.malloc.restype = ctypes.c_void_p
        _libc.malloc.argtypes = [ctypes.c_size_t]
        if not _libc.malloc(10 * 2**30): raise MemoryError('malloc')
        """,
        stock=False,
    ),
    attempted("takes memory by bytes", "x = bytearray(10 * 2**30)", stock=False),
    attempted("takes memory by tensors", "x = [torch.ones(2**28) for _ in range(20)]", stock=False),
    attempted("takes memory by shared maps", "import mmap\nm = mmap.mmap(-1, 10 * 2**30)", stock=False),
    attempted("takes memory by memfd", "f = os.memfd_create('x')\nos.ftruncate(f, 10 * 2**30)", stock=False),
    attempted("takes memory by System V", "system_call('shmget', 0, ctypes.c_size_t(2**33), 0o1600)", stock=False),
    attempted(
        "takes memory in a pipe",
        """
        import fcntl
        for _ in range(100):
            r, w = os.pipe()
            fcntl.fcntl(w, 1031, 2**20)
            os.write(w, bytes(2**20))
        """,
        stock=False,
    ),
    attempted("locks memory", "if _libc.mlockall(3): raise OSError(ctypes.get_errno(), 'mlockall')", stock=False),
    attempted(
        "writes one large file",
        "with open('big', 'wb') as file:\n    for _ in range(64): file.write(bytes(2**20))",
        stock=False,
    ),
    attempted(
        "claims a large file without writing it",
        "f = os.open('big', os.O_CREAT | os.O_WRONLY)\nos.posix_fallocate(f, 0, 2**34)",
        stock=False,
    ),
    Attack(
        "writes many files until the disk is full",
        FULL,
        extra=("for n in range(10**6):\n    with open(f'f{n}', 'wb') as file: file.write(bytes(15 * 2**20))\n",),
        stock=False,
    ),
    Attack(
        "makes many empty files until no inode is left",
        FULL,
        extra=("for n in range(10**8):\n    open(f'f{n}', 'wb').close()\n",),
        stock=False,
    ),
    attempted("opens many files", "held = [open('/dev/null') for _ in range(100_000)]", stock=False),
    attempted("makes many folders", "for n in range(10**5): os.mkdir(f'd{n}')", stock=False),
    before_all("prints without end", "while True: print('x' * 10**5)", status="timeout", **LOST),
    before_all(
        "prints without end on stderr",
        "import sys\nwhile True: sys.stderr.write('x' * 10**5)",
        status="timeout",
        **LOST,
    ),
    before_all(
        "displays without end",
        "from IPython.display import display, HTML\nwhile True: display(HTML('x' * 10**5))",
        status="timeout",
        **LOST,
    ),
    before_all(
        "writes without end to descriptor 1",
        "import os\nwhile True: os.write(1, b'x' * 10**5)",
        status="timeout",
        **LOST,
    ),
    before_all("prints a hundred megabytes", "print('x' * 10**8)", **LOST),
    instead_of_update(
        "sends a header that claims 2^32 bytes",
        f"{RAW}def update(w, x, y, eta=1.0):\n    raw(header(2**32 - 1))\n    while True: pass",
        status="crashed",
        **LOST,
    ),
    instead_of_update(
        "sends half a frame",
        f"{RAW}def update(w, x, y, eta=1.0):\n    raw(header(1000), b'x' * 10)\n    while True: pass",
        status="timeout",
        **LOST,
    ),
    instead_of_update(
        "sends one byte after another, for ever",
        f"""{RAW}
def update(w, x, y, eta=1.0):
    raw(header(10**6))
    while True:
        raw(b'x')
        time.sleep(0.01)""",
        status="timeout",
        **LOST,
    ),
    instead_of_update(
        "floods the wire with frames",
        f"""{RAW}
def update(w, x, y, eta=1.0):
    while True: raw(header(10**4), b'\\x81' * 10**4)""",
        status="crashed",
        **LOST,
    ),
    instead_of_update(
        "sends a frame that is nested a million deep",
        f"{RAW}def update(*_):\n    raw(header(10**6), b'\\x91' * 10**6)\n    while True: pass",
        status="crashed",
        **LOST,
    ),
    instead_of_update(
        "sends an array that claims 2^32 elements",
        f"""{RAW}
def update(w, x, y, eta=1.0):
    raw(header(5), b'\\xdd\\xff\\xff\\xff\\xff')
    while True: pass""",
        status="crashed",
        **LOST,
    ),
    instead_of_update(
        "returns an expanded tensor of 10^11 elements", "def update(w, x, y, eta=1.0):\n    return w[:1].expand(10**11)"
    ),
    instead_of_update(
        "returns a hundred megabytes", "def update(w, x, y, eta=1.0):\n    return torch.ones(25 * 10**6)", **LOST
    ),
    instead_of_update(
        "returns a string of a hundred megabytes", "def update(w, x, y, eta=1.0):\n    return 'x' * 10**8", **LOST
    ),
    instead_of_update(
        "returns a tensor whose strides overflow",
        "def update(w, x, y, eta=1.0):\n    return torch.as_strided(w, (2**20, 2**20), (0, 0))",
        **LOST,
    ),
    instead_of_update(
        "sends a tensor of a negative shape",
        """
        import autograder.worker.notebook.service as service
        from autograder.wire.values import TensorData
        def update(w, x, y, eta=1.0):
            service.encode = lambda *a: TensorData("float32", (-1,), "cpu", b"")
        """,
        status="crashed",
        **LOST,
    ),
    instead_of_update(
        "sends a tensor of a shape that overflows",
        """
        import autograder.worker.notebook.service as service
        from autograder.wire.values import TensorData
        def update(w, x, y, eta=1.0):
            service.encode = lambda *a: TensorData("float32", (2**40, 2**40, 0), "cpu", b"")
        """,
        status="crashed",
        **LOST,
    ),
    instead_of_update(
        "returns a list nested a hundred thousand deep",
        """
        def update(w, x, y, eta=1.0):
            deep = []
            for _ in range(10**5): deep = [deep]
            return deep
        """,
        **LOST,
    ),
    instead_of_update(
        "returns a list that holds itself",
        "def update(w, x, y, eta=1.0):\n    endless = []\n    endless.append(endless)\n    return endless",
    ),
    instead_of_update(
        "returns a dictionary of a million keys",
        "def update(w, x, y, eta=1.0):\n    return {str(k): k for k in range(10**6)}",
        **LOST,
    ),
    instead_of_update(
        "returns an integer of a million digits", "def update(w, x, y, eta=1.0):\n    return 1 << 10**7", **LOST
    ),
    instead_of_update(
        "raises an exception with a message of a hundred megabytes",
        "def update(w, x, y, eta=1.0):\n    raise ValueError('x' * 10**8)",
        **LOST,
    ),
    instead_of_update(
        "raises a chain of a hundred thousand exceptions",
        """
        def update(w, x, y, eta=1.0):
            error = None
            for k in range(10**5):
                following = ValueError(k)
                following.__cause__ = error
                error = following
            raise error
        """,
    ),
    before_all(
        "starts OMP threads that starve the others",
        "import torch\ntorch.set_num_threads(200)\n(torch.ones(1000, 1000) @ torch.ones(1000, 1000)).sum()",
        status="crashed",
        **LOST,
    ),
    Attack("has a cell of a hundred kilobytes", FULL, extra=("x = [" + "1, " * 33_000 + "]",)),
    Attack("has a cell of a megabyte", 0, extra=("x = [" + "1, " * 300_000 + "]",), status="unreadable"),
    Attack("has ten thousand cells", 0, extra=("x = 1",) * 10_000, status="unreadable"),
    before_all("has a thousand magics in a cell", "%matplotlib inline\n" * 1_000, status="timeout"),
    Attack("has an expression nested ten thousand deep", FULL, extra=("x = " + "(" * 10_000 + ")" * 10_000,)),
)
