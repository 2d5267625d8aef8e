"""Others' resources: disk that deleted files take, threads that are counted by user, a machine that is kept busy."""

from __future__ import annotations

from tests.attacks.attack import FULL, attempted, before_all

ATTACKS = (
    attempted(
        "keeps deleted files by a page that is mapped",
        """
        import mmap
        held = []
        for n in range(40):
            with open("f", "wb+") as file:
                file.write(bytes(15 * 2**20))
                file.flush()
                held.append(mmap.mmap(file.fileno(), 4096))
            os.unlink("f")
        """,
        stock=False,
    ),
    attempted(
        "keeps deleted files by their descriptors",
        """
        held = []
        for n in range(20):
            held.append(open("f", "wb"))
            held[-1].write(bytes(15 * 2**20))
            held[-1].flush()
            os.unlink("f")
        """,
        stock=False,
    ),
    attempted(
        "keeps files that are replaced by others",
        """
        held = []
        for n in range(20):
            with open("new", "wb") as file: file.write(bytes(15 * 2**20))
            os.replace("new", "old")
            held.append(open("old", "rb"))
        """,
        stock=False,
    ),
    attempted(
        "writes files that never have a name",
        """
        held = []
        for n in range(20):
            held.append(os.open(".", os.O_TMPFILE | os.O_RDWR))
            os.write(held[-1], bytes(15 * 2**20))
        """,
        stock=False,
    ),
    attempted(
        "makes files without number, each deleted and held",
        """
        import mmap
        held = []
        for n in range(5_000):
            with open("f", "wb+") as file:
                file.write(b"x")
                file.flush()
                held.append(mmap.mmap(file.fileno(), 1))
            os.unlink("f")
        """,
        stock=False,
    ),
    attempted(
        "takes the file system away from over its folder",
        "if _libc.umount2(os.getcwd().encode(), 2): raise OSError(ctypes.get_errno(), 'umount2')",
        stock=False,
    ),
    attempted(
        "starts threads without number, of the smallest stack",
        """
        attributes, thread = ctypes.create_string_buffer(64), ctypes.c_ulong()
        _libc.pthread_attr_init(attributes)
        _libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(os.sysconf('SC_THREAD_STACK_MIN')))
        for _ in range(5_000):
            refused = _libc.pthread_create(ctypes.byref(thread), attributes, _libc.sleep, ctypes.c_uint(3))
            if refused: raise OSError(refused, os.strerror(refused))
        """,
        stock=False,
    ),
    attempted(
        "raises its own limit of threads",
        "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (5_000, 5_000))",
        stock=False,
    ),
    before_all(
        "computes in a dozen threads, so that its own main thread queues",
        """
        import hashlib, threading
        def spin():
            while True: hashlib.pbkdf2_hmac("sha256", b"x", b"y", 10**6)  # without Python's lock
        for _ in range(12): threading.Thread(target=spin, daemon=True).start()
        while True: pass
        """,
        status="timeout",
        stock=False,
    ),
    before_all(
        "fills its folder and goes on honestly",
        """
        try:
            for n in range(100):
                with open(f"f{n}", "wb") as file: file.write(bytes(15 * 2**20))
        except OSError: pass
        """,
        earned=FULL,
        stock=False,
    ),
)
