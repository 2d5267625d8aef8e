"""Reading secrets."""

from __future__ import annotations

from tests.attacks.attack import attempted, before_all, instead_of_update

ATTACKS = (
    attempted(
        "walks the frames for the expected value",
        """
        frame, found = sys._getframe(), []
        while frame is not None:
            found += [name for name in frame.f_locals if name in ("expected", "reference", "solution", "check")]
            frame = frame.f_back
        if not found: raise LookupError("nothing expected in any frame")
        """,
        reason="nothing expected",
    ),
    attempted(
        "searches gc.get_objects for the checks",
        """
        found = [thing for thing in gc.get_objects() if getattr(thing, "__module__", None) and
                 str(thing.__module__).startswith(("autograder.checking", "autograder.trusted", "solutions"))]
        if not found: raise LookupError("no check among the objects")
        """,
        reason="no check among",
    ),
    attempted(
        "searches sys.modules for the reference",
        """
        found = [name for name in sys.modules if "solution" in name or name.startswith(
                 ("autograder.checking", "autograder.trusted"))]
        if not found: raise LookupError("no reference among the modules")
        """,
        reason="no reference among",
    ),
    attempted("imports the hidden checks", "import autograder.checking"),
    attempted("imports the trusted side", "import autograder.trusted.grading.grader"),
    attempted(
        "imports the solutions", "sys.path.insert(0, os.path.dirname(solutions))\nimport solutions.week06.perceptron"
    ),
    attempted("opens the checks by absolute path", "open(checks).read()"),
    attempted(
        "opens the solutions by absolute path", "open(os.path.join(solutions, 'week06', 'perceptron.py')).read()"
    ),
    attempted("opens the source notebook", "open(os.path.join(source, 'week06', 'perceptron.ipynb')).read()"),
    attempted("opens the gradebook", "open(gradebook, 'rb').read()"),
    attempted("opens the results of the class", "open(results, 'rb').read()"),
    attempted("opens another's submission", "open(sibling).read()"),
    attempted("lists the submissions", "os.listdir(os.path.dirname(os.path.dirname(os.path.dirname(sibling))))"),
    attempted("opens a secret through ..", "open(os.path.join('..', '..', '..', '..', '..', '..') + secret).read()"),
    attempted("opens a secret through a symbolic link", "os.symlink(secret, 'link')\nopen('link').read()"),
    attempted("opens a secret through a hard link", "os.link(secret, 'link')\nopen('link').read()"),
    attempted("opens a secret through /proc/self/root", "open('/proc/self/root' + secret).read()"),
    attempted("opens a secret through /proc/self/cwd", "open('/proc/self/cwd/../../../../../..' + secret).read()"),
    attempted(
        "opens a secret through a descriptor of a folder",
        "folder = os.open('/', os.O_PATH)\nos.open(secret[1:], os.O_RDONLY, dir_fd=folder)",
    ),
    attempted(
        "opens a secret by its handle",
        "system_call(303, -100, secret.encode(), ctypes.create_string_buffer(200), ctypes.byref(ctypes.c_int()), 0)",
    ),
    attempted(
        "opens a secret with openat2",
        "how = (ctypes.c_uint64 * 3)(0, 0, 0)\nsystem_call(437, -100, secret.encode(), how, 24)",
    ),
    attempted("lists the root folder", "os.listdir('/')"),
    attempted("reads its parent's memory", "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)"),
    attempted("reads its parent's environment", "open(f'/proc/{os.getppid()}/environ', 'rb').read()"),
    attempted("reads its parent's descriptors", "os.listdir(f'/proc/{os.getppid()}/fd')"),
    attempted("reads its own command line's parent", "open(f'/proc/{os.getppid()}/cmdline').read()"),
    attempted("reads another process's environment", "open(f'/proc/{victim}/environ', 'rb').read()"),
    attempted("reads another process's memory", "open(f'/proc/{victim}/mem', 'rb').read(1)"),
    attempted(
        "uses an inherited descriptor",
        """
        import stat
        held = []
        for number in range(3, 256):
            try: mode = os.fstat(number).st_mode
            except OSError: continue
            if not stat.S_ISSOCK(mode): held.append(number)
        if not held: raise LookupError("no descriptor but the wire")
        """,
        reason="no descriptor",
        stock=False,
    ),
    attempted(
        "looks for a token in the environment",
        "if 's3cr3t' not in str(dict(os.environ)): raise LookupError('no token in the environment')",
        reason="no token",
    ),
    attempted("reads ~/.ssh", "os.listdir(os.path.join(home, '.ssh'))"),
    attempted("reads /etc/shadow", "open('/etc/shadow').read()"),
    attempted("reads /etc/passwd", "open('/etc/passwd').read()"),
    attempted("reads the kernel's log", "system_call(103, 3, ctypes.create_string_buffer(100), 100)"),
    attempted("maps the kernel's keyring", "system_call(250, 0, -4, 0)"),
    instead_of_update(
        "raises the hidden input into the feedback",
        "def update(w, x, y, eta=1.0):\n    raise ValueError(f'hidden: {w.tolist()} {x.tolist()}')",
        unsaid=r"hidden: \[?-?\d",
    ),
    before_all(
        "prints the hidden input",
        "_p = print\ndef show(*a): _p('seen', *a)",
        cells={
            "activation": """
def activation(s):
    print('hidden:', s)
    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
"""
        },
        unsaid=r"hidden: tensor",
    ),
)
