"""Reading secrets."""

from __future__ import annotations

from tests.attacks.attack import Attack, attempted, before_all, instead_of_update

DIGITS = "0123456789.-"


def spelling(name: str, spell: str) -> Attack:
    """The hidden input, spelled by an expression over `digits`, is raised."""
    source = f"""
    def update(w, x, y, eta=1.0):
        digits = " ".join(f"{{v:.5f}}" for v in [*w.tolist(), *x.tolist()])
        raise ValueError("spe" + "lled " + {spell})
    """
    return instead_of_update(name, source, unsaid="spelled", reason="raised ValueError (cell `update`, line 3: `raise")


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
        """
        handle, mount = ctypes.create_string_buffer(200), ctypes.c_int()
        system_call('name_to_handle_at', -100, secret.encode(), handle, ctypes.byref(mount), 0)
        """,
    ),
    attempted(
        "opens a secret with openat2",
        "how = (ctypes.c_uint64 * 3)(0, 0, 0)\nsystem_call('openat2', -100, secret.encode(), how, 24)",
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
    attempted("reads the kernel's log", "system_call('syslog', 3, ctypes.create_string_buffer(100), 100)"),
    attempted("maps the kernel's keyring", "system_call('keyctl', 0, -4, 0)"),
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
    spelling("spells the hidden input in superscripts", f"digits.translate(str.maketrans({DIGITS!r}, '⁰¹²³⁴⁵⁶⁷⁸⁹·⁻'))"),
    spelling(
        "spells the hidden input in Arabic-Indic digits", f"digits.translate(str.maketrans({DIGITS!r}, '٠١٢٣٤٥٦٧٨٩٫-'))"
    ),
    spelling("spells the hidden input in letters", f"digits.translate(str.maketrans({DIGITS!r}, 'zyxwvutsrqpm'))"),
    spelling("spells the hidden input in braille", "''.join(chr(0x2800 + ord(each)) for each in digits)"),
    spelling("spells the hidden input in base64", "__import__('base64').b64encode(digits.encode()).decode()"),
    spelling(
        "spells the hidden input in invisible characters", "'a'.join(chr(0xE0000 + ord(each)) for each in digits)"
    ),
    spelling("spells the hidden input by spaces", "''.join('.' + '\\u00a0' * (ord(each) % 16) for each in digits)"),
    spelling(
        "spells the hidden input by an order of the cell's own words",
        """' '.join(
            ('digits', 'update', 'raise', 'tolist', 'join', 'def', 'eta')[ord(each) % 7] for each in digits)""",
    ),
    instead_of_update(
        "spells the hidden input in the name of an exception",
        """
        def update(w, x, y, eta=1.0):
            name = "".join("zyxwvutsrq"[int(each)] for each in f"{abs(float(x[0])):.5f}" if each.isdigit())
            raise type("spelled" + name, (LookupError,), {})
        """,
        unsaid=r"LookupError: |raised spelled",
        reason="raised LookupError (cell",
    ),
    instead_of_update(
        "spells the hidden input in the name of its answer's class",
        """
        def update(w, x, y, eta=1.0):
            name = "".join("zyxwvutsrq"[int(each)] for each in f"{abs(float(x[0])):.5f}" if each.isdigit())
            return type("spelled" + name, (), {})()
        """,
        unsaid="spelled",
        reason="not an object of a class of its own",
    ),
    instead_of_update(
        "tells the hidden input as the number of a line",
        """
        def update(w, x, y, eta=1.0):
            number = 1000 + int(abs(float(x[0])) * 10_000)
            exec(compile("\\n" * number + "raise ValueError", "<cell 2>", "exec"), {})
        """,
        unsaid=r"line \d{3}",
        reason="raised ValueError",
    ),
    instead_of_update(
        "tells the hidden input as the number of a cell",
        """
        def update(w, x, y, eta=1.0):
            exec(compile("raise ValueError", f"<cell {1000 + int(abs(float(x[0])) * 1000)}>", "exec"), {})
        """,
        unsaid=r"cell `?\d{3}|a cell",
        reason="raised ValueError",
    ),
    instead_of_update(
        "tells the hidden input as the name of a function that raises",
        """
        def update(w, x, y, eta=1.0):
            name = "spelled" + "".join("zyxwvutsrq"[int(each)] for each in f"{abs(float(x[0])):.5f}" if each.isdigit())
            exec(f"def {name}(missing): pass\\n{name}()", {})
        """,
        unsaid="spelledz|spelledy",
        reason="…() missing 1 required positional argument",
    ),
    instead_of_update(
        "tells the hidden input as the shape of its answer",
        """
        def update(w, x, y, eta=1.0):
            return torch.zeros(0, 1000 + int(abs(float(x[0])) * 10_000), 7)
        """,
        unsaid=r"\d{4}|7\)",
        reason="not (0, …, …)",
    ),
    instead_of_update(
        "tells the hidden input as the sizes in an error of torch's",
        """
        def update(w, x, y, eta=1.0):
            size = 1000 + int(abs(float(x[0])) * 10_000)
            return torch.zeros(size, 2) @ torch.zeros(size, 5)
        """,
        unsaid=r"\d{4}|x5",
        reason="shapes cannot be multiplied (…x",
    ),
    instead_of_update(
        "tells the hidden input as its exit status",
        """
        def update(w, x, y, eta=1.0):
            import os
            os._exit(10 + int(abs(float(x[0])) * 10) % 100)
        """,
        unsaid=r"Python, as .*\d|status \d",
        reason="it left Python",
        status="crashed",
    ),
    instead_of_update(
        "tells the hidden input as the signal that ends it",
        """
        def update(w, x, y, eta=1.0):
            import signal
            number = 34 + int(abs(float(x[0])) * 10) % 30
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        """,
        unsaid=r"SIG|signal \d",
        reason="it died of a signal",
        status="crashed",
    ),
    instead_of_update(
        "tells the hidden input as a dtype that does not exist",
        """
        def update(w, x, y, *eta):
            import gc
            from autograder.wire.messages import Returned
            from autograder.wire.values import TensorData
            service = next(each for each in gc.get_objects() if type(each).__name__ == "Service")
            name = "".join("zyxwvutsrq"[int(each)] for each in f"{abs(float(x[0])):.5f}" if each.isdigit())
            service._reply(Returned(TensorData("spelled" + name, (1,), "cpu", b""), (None,) * (3 + len(eta))))
        """,
        unsaid="spelled",
        reason="its answer is not a value: it contradicts itself",
        status="crashed",
    ),
)
