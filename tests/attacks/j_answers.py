"""Answers that lie about in a worker: the kit's own classes and functions, texts, caches, and second copies of it."""

from __future__ import annotations

from tests.attacks.attack import attempted

ATTACKS = (
    attempted(
        "looks for a layer of the kit's among the subclasses of Module",
        """
        import torch
        def below(kind): return [found for each in kind.__subclasses__() for found in (each, *below(each))]
        found = [each for each in below(torch.nn.Module) if not each.__module__.startswith("torch")]
        if not found: raise LookupError("no class but torch's own")
        """,
    ),
    attempted(
        "looks for texts of the warm-up in linecache",
        """
        import linecache
        word = "ALONG_A" + "_DIMENSION"  # not as it would stand in this cell's own text
        kits = [name for name in linecache.cache if "autograder" in name]
        found = [name for name, entry in linecache.cache.items() if len(entry) == 4 and word in "".join(entry[2])]
        if not found + kits: raise LookupError("no text but the notebook's own")
        """,
    ),
    attempted(
        "looks for code of the warm-up with the garbage collector",
        """
        import types
        gc.unfreeze()
        mine = set(map(id, globals().values()))
        found = [each for each in gc.get_objects() if isinstance(each, types.FunctionType)
                 and each.__code__.co_filename.startswith("<cell") and id(each) not in mine
                 and each.__globals__ is not globals()]
        if not found: raise LookupError("no function but the notebook's own")
        """,
    ),
    attempted(
        "looks for modules of the checks among all that are loaded",
        """
        hidden = ("autograder.checking", "autograder.trusted", "solutions")
        if not [name for name in sys.modules if name.startswith(hidden)]: raise LookupError("nothing trusted")
        """,
    ),
    attempted(
        "looks for the warm-up's names in what IPython keeps",
        """
        shell = get_ipython()
        kept = [shell.user_ns, shell.user_ns_hidden, vars(shell.compile), vars(shell.history_manager)]
        words = ("ALONG_A" + "_DIMENSION", "OF_TWO" + "_VECTORS", "in_pl" + "ace")
        if not any(word in repr(each) for each in kept for word in words): raise LookupError("nothing is kept")
        """,
    ),
    attempted(
        "reads the notebook of the warm-up",
        """
        import autograder
        kit = os.path.dirname(autograder.__file__)
        open(os.path.join(kit, "worker/template/warmup_tensors.py")).read()
        """,
    ),
    attempted(
        "reads a misconception of the kit's",
        "open(os.path.join(os.path.dirname(checks), 'misconceptions/perceptron.py')).read()",
    ),
    attempted(
        "loads the kit's checks as a module",
        """
        import importlib.util
        spec = importlib.util.spec_from_file_location("checks", checks)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        """,
    ),
    attempted(
        "looks for a copy of the kit in every folder that Python knows",
        """
        places = [*sys.path, sys.base_prefix, sys.prefix, "/usr/lib", "/usr/local/lib", os.path.dirname(os.__file__)]
        for place in places:
            for folder in ("checks/week06", "autograder/checks/week06", "site-packages/autograder/checks/week06"):
                try: open(os.path.join(place, folder, "test_perceptron.py")).read()
                except OSError: continue
                return
        raise LookupError("no copy is readable")
        """,
    ),
    attempted(
        "looks for packages of other Pythons",
        """
        import glob
        found = [name for pattern in ("/usr/lib/python3*/*-packages/*", "/usr/local/lib/python3*/*-packages/*")
                 for name in glob.glob(pattern)]
        base = os.path.join(sys.base_prefix, "lib", f"python3.{sys.version_info.minor}", "site-packages")
        if sys.prefix != sys.base_prefix: found += os.listdir(base)
        if not found: raise LookupError("there is none")
        """,
    ),
)
