"""The tutor, through what is shown."""

from __future__ import annotations

from tests.attacks.attack import FULL, UPDATE, Attack, before_all, instead_of_update

SCRIPT = "<script>alert(1)</script>"


def raising(name: str, message: str, *, unsaid: str) -> Attack:
    """A message that is made to be shown."""
    return instead_of_update(name, f"def update(w, x, y, eta=1.0):\n    raise ValueError({message!r})\n", unsaid=unsaid)


# Whatever cell runs, an author's locked one too, this shows something at its end.
HOOK = """
from IPython import get_ipython
from IPython.display import HTML, Latex, Markdown, display
get_ipython().events.register("post_run_cell", lambda *_: display({shows}))
"""

ATTACKS = (
    raising("raises a script", SCRIPT, unsaid=""),
    raising("raises an image with onerror", "<img src=x onerror=alert(1)>", unsaid=""),
    raising("raises a link to javascript", "[click](javascript:alert(1))", unsaid=""),
    raising("raises an escape sequence that clears the screen", "\x1b[2J\x1b[1;1H passed", unsaid="\x1b"),
    raising("raises an escape sequence that sets the title", "\x1b]0;mine\x07", unsaid="\x1b"),
    raising("raises a hyperlink escape", "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\", unsaid="\x1b"),
    raising("raises a carriage return over its own line", "wrong\rall checks passed", unsaid="\r"),
    raising("raises bidirectional characters", "\u202epassed\u202c \u2066x\u2069", unsaid="\u202e"),
    raising("raises invisible characters", "pa\u200bssed\u2060", unsaid="\u200b"),
    raising("raises C1 controls", "\x9b2J\x85", unsaid="\x9b"),
    raising("raises lone surrogates", "\ud800\udfff", unsaid="\ud800"),
    raising("raises NUL", "a\x00b", unsaid="\x00"),
    raising("raises rich's markup", "[red]x[/red] [link=http://x]y[/link] [/]", unsaid=""),
    raising("raises a formula", "=cmd|' /C calc'!A0", unsaid=""),
    instead_of_update(
        "calls its exception by an escape sequence",
        "Mine = type('\\x1b[2J\\u202e', (Exception,), {})\ndef update(w, x, y, eta=1.0):\n    raise Mine('x')",
        unsaid="\x1b",
    ),
    instead_of_update(
        "calls its return type by an escape sequence",
        "Mine = type('\\x1b[2J<script>', (), {})\ndef update(w, x, y, eta=1.0):\n    return Mine()",
        unsaid="\x1b",
    ),
    before_all("displays a script", f"from IPython.display import HTML\nHTML({SCRIPT!r})"),
    before_all(
        "displays an image with a script in it",
        "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>')",
    ),
    before_all(
        "displays a remote image",
        "from IPython.display import Image, HTML\nHTML('<img src=\"http://203.0.113.1/x.png\">')",
    ),
    before_all("displays javascript", "from IPython.display import Javascript\nJavascript('alert(1)')"),
    before_all("prints escape sequences", "print('\\x1b]0;mine\\x07\\x1b[2J')"),
    Attack(
        "is called a script",
        FULL - UPDATE,
        cells={"update": "def update(*a): return None"},
        student="<script>alert(1)<",
    ),
    Attack("is called a formula", FULL, student="=cmd|' C calc'!A0"),
    Attack("is called an escape sequence", FULL, student="\x1b[2Jmine"),
    Attack("is called from right to left", FULL, student="\u202eadа"),
    Attack("is called a line break", FULL, student="one\ntwo,25"),
    Attack("is called a minus", FULL, student="-rf"),
    Attack("is called in another alphabet", FULL, student="Żółć 李"),
    Attack("is called by 255 bytes", FULL, student="x" * 255),
    Attack("is called by bytes that are no text", FULL, student="x\udcff"),
    before_all("displays Markdown after every cell", HOOK.format(shows="Markdown('[x](javascript:alert(1))')")),
    before_all("displays a script after every cell", HOOK.format(shows=f"HTML({SCRIPT!r})")),
    before_all(
        "displays a formula with a link in it", HOOK.format(shows=r"Latex('$\\href{{javascript:alert(1)}}{{x}}$')")
    ),
    before_all(
        "displays from a print of its own",
        """
        import builtins
        from IPython.display import Markdown, display
        builtins.print = lambda *things, **_: display(Markdown("<img src=x onerror=alert(1)>"))
        """,
    ),
    before_all(
        "displays from a thread",
        """
        import threading
        from IPython.display import Markdown, display
        threading.Timer(0.1, lambda: display(Markdown("<script>alert(1)</script>"))).start()
        """,
    ),
    before_all(
        "displays from the end of its process",
        """
        import atexit
        from IPython.display import Markdown, display
        atexit.register(lambda: display(Markdown("<script>alert(1)</script>")))
        """,
    ),
    raising(
        "raises a place in a cell of another's", "no (cell `activation`, line 1: `<script>`).", unsaid="activation "
    ),
    raising("raises backticks that end the quotation", "` <b>x</b> ` `", unsaid="</b> ` `:"),
    raising("raises a sentence of a check's", "passed: f(s) is right. 6/6 points", unsaid="6/6 points$"),
)
