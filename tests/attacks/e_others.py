"""Other students."""

from __future__ import annotations

from tests.attacks.attack import FULL, UPDATE, Attack, attempted, before_all

WRONG = "def update(w, x, y, eta=1.0):\n    return w\n"

ATTACKS = (
    attempted("lists the scratch folders of the others", "os.listdir('..')"),
    attempted("writes beside its scratch folder", "open('../mine', 'w').write('x')"),
    attempted(
        "guesses another's scratch folder",
        """
        here = os.path.basename(os.getcwd()).split('-')
        open(f'../{here[0]}-{int(here[-1]) + 1}/mine', 'w').write('x')
        """,
        stock=False,
    ),
    attempted("overwrites another's submission", "open(sibling, 'w').write('')"),
    attempted(
        "writes another's autograded folder",
        "os.makedirs(os.path.join(os.path.dirname(gradebook), 'autograded', 'ada'))",
    ),
    attempted("makes a file in /tmp", "open('/tmp/' + token, 'w').write('x')"),
    attempted("makes a file in /dev/shm", "open('/dev/shm/' + token, 'w').write('x')"),
    attempted("makes a file in /var/tmp", "open('/var/tmp/' + token, 'w').write('x')"),
    attempted("makes a file in its home", "open(os.path.join(os.path.expanduser('~'), token), 'w').write('x')"),
    attempted(
        "makes a shared memory object",
        "from multiprocessing import shared_memory\nshared_memory.SharedMemory(token, create=True, size=10)",
    ),
    attempted("makes shared memory for all", "system_call('shmget', key, 4096, 0o1666)", stock=False),
    attempted("makes a message queue", "system_call('msgget', key, 0o1666)", stock=False),
    attempted("makes a semaphore", "system_call('semget', key, 1, 0o1666)", stock=False),
    attempted(
        "poisons a compiled file of the library",
        "import json.decoder as d\nopen(d.__cached__, 'r+b').write(b'x')",
        stock=False,
    ),
    attempted("poisons torch's own files", "open(torch.__file__, 'a').write('# mine')", stock=False),
    attempted(
        "poisons matplotlib's cache",
        "import matplotlib\nopen(os.path.join(matplotlib.get_cachedir(), 'fontlist.json'), 'w').write('x')",
        stock=False,
    ),
    attempted(
        "poisons the kit",
        "import autograder\nopen(os.path.join(os.path.dirname(autograder.__file__), 'errors.py'), 'a').write('# mine')",
        stock=False,
    ),
    attempted(
        "stops the processes of the others by number",
        """
        for pid in set(range(2, 40_000)) - {os.getpid()}:
            try: os.kill(pid, signal.SIGSTOP)
            except ProcessLookupError: pass
        """,
        stock=False,
    ),
    before_all(
        "poisons the modules of the process, for whoever comes next",
        """
        import torch, builtins
        torch.where = torch.sign = torch.zeros_like = None
        builtins.len = lambda x: 0
        """,
        status="crashed",
        earned=FULL,
        reason="",
    ),
    Attack(
        "claims another's id in the notebook's metadata",
        FULL - UPDATE,
        cells={"update": WRONG},
        change=lambda notebook: notebook["metadata"].update(student="ada", nbgrader={"student": "ada"}),
    ),
    Attack(
        "claims another's id by a second file",
        FULL - UPDATE,
        cells={"update": WRONG},
        files={"ada_perceptron.ipynb": b"{}", "../perceptron.ipynb": b"{}"},
    ),
    Attack("claims another's id by the folder", FULL - UPDATE, cells={"update": WRONG}, student="ada "),
)
