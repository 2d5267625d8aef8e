"""Students who misuse the GPU, graded with the real `autograder grade` in one class with innocents.

Points never depend on the GPU: whatever a student does to it, nobody's mark may move, the run ends well, and no process
is left that holds its memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from autograder.author.samples import edited
from autograder.trusted.results.store import read_results
from tests.attacks.class_under_attack import INNOCENT_MARKS, hand_in_for, make_course

SECONDS = 5
RIGHT = "def activation(s):\n    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)\n"
ON_THE_GPU = 'import os, torch\nthere = os.environ.get("CUDA_VISIBLE_DEVICES") != ""\n'
HOARD = """    hoard = []
    try:
        while True:
            hoard.append(torch.empty(2**28, device="cuda"))
    except RuntimeError:
        pass
"""
EARLY = {  # what a cell does with the GPU when the notebook is executed
    "takes all memory through torch": f"\nif there:\n{HOARD}",
    "lifts torch's limit and takes all memory": (
        f"\nif there:\n    torch.cuda.set_per_process_memory_fraction(1.0)\n{HOARD}"
    ),
    "computes there for ever": """
if there:
    x = torch.ones(4096, 4096, device="cuda")
    while True:
        x = x @ x
""",
    "waits there for ever": """
if there:
    torch.zeros(1, device="cuda")
    torch.cuda._sleep(10**15)
    torch.cuda.synchronize()
""",
}
LATE = {  # what `activation` does when it is called with a tensor that lies there
    "a device-side assert": "s.reshape(-1)[torch.full((1,), 10**6, device=s.device)].sum().item()",
    "an illegal access": """class Beyond:
            __cuda_array_interface__ = {
                "data": (s.data_ptr(), False), "shape": (2**36,), "typestr": "<f4", "version": 2,
            }
        torch.as_tensor(Beyond(), device=s.device).sum().item()""",
    "an end without a word": "os._exit(3)",
    "memory for each call that is never freed": """kept = globals().setdefault("kept", [])
        kept.append(torch.empty(2**28, device=s.device))""",
}


def cells():
    """The cell of each student who misuses the GPU, by what it does."""
    for name, code in EARLY.items():
        yield name, ON_THE_GPU + code + RIGHT
    for name, code in LATE.items():
        body = f"    if s.is_cuda:\n        {code}\n"
        yield name, ON_THE_GPU + RIGHT.replace(":\n", ":\n" + body, 1)


class MemoryWatch(threading.Thread):
    """The most memory of the GPU that was taken, in MiB, until it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._over = threading.Event()

    @staticmethod
    def used() -> int:
        """MiB that are taken now."""
        asked = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()[0])

    def run(self) -> None:
        """Look, a few times a second."""
        while not self._over.wait(0.2):
            self.most = max(self.most, self.used())

    def stop(self) -> int:
        """The most so far."""
        self._over.set()
        self.join()
        return self.most


def main() -> None:
    """Grade the class; the exit code is 1 where a mark has moved, or an innocent is doubted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    device = parser.parse_args().device
    watch = MemoryWatch() if shutil.which("nvidia-smi") else None
    with tempfile.TemporaryDirectory(prefix="autograder-gpu-") as folder:
        course = make_course(Path(folder, "course"))
        wanted: dict[str, int] = {}
        for number, (name, source) in enumerate(cells()):
            innocent = f"{number:02} innocent"
            hand_in_for(course, innocent, max(INNOCENT_MARKS))
            student = f"{number:02} {name}"
            wanted |= {student: max(INNOCENT_MARKS), innocent: max(INNOCENT_MARKS)}
            place = course.submitted / student / course.assignment
            place.mkdir(parents=True)
            notebook = edited(course.source / "perceptron.ipynb", {"activation": source})
            (place / "perceptron.ipynb").write_text(notebook, encoding="utf-8")
        before = watch.used() if watch else 0
        if watch:
            watch.start()
        start = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            "--device",
            device,
            "--timeout",
            str(SECONDS),
            "--jobs",
            "8",
        ]
        done = subprocess.run(
            command, cwd=course.root, env=os.environ | {"COLUMNS": "200"}, text=True, check=False, capture_output=True
        )
        seconds = time.monotonic() - start
        most = watch.stop() if watch else 0
        after = watch.used() if watch else 0
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-2000:], sep="\n")
            sys.exit(1)
        records = {r.student: r for r in read_results(course.graded / "results.jsonl") if r.notebook == "perceptron"}
    print("| student | mark | on the GPU | doubt |\n|:--|--:|:--|:--|")
    good = records.keys() == wanted.keys()
    for student, mark in wanted.items():
        record = records[student]
        (there,) = [check.devices.get(device, "–") for check in record.exercises["activation"].checks if check.devices]
        innocent = student.endswith("innocent")
        good = good and record.earned == mark and not (innocent and record.needs_review)
        if not innocent or record.needs_review or record.earned != mark:
            print(f"| {student[3:]} | {record.earned:g} of {mark} | {there} | {'; '.join(record.needs_review)} |")
    whole = sum(record.earned == max(INNOCENT_MARKS) for record in records.values())
    print(f"\nBeside each sits an innocent; {whole} of {len(wanted)} have all points. Eight graders, {seconds:.1f} s.")
    print(f"Of the GPU's memory {before} MiB were taken before, {most} at most, {after} afterwards.")
    sys.exit(0 if good and after <= before + 64 else 1)


if __name__ == "__main__":
    main()
