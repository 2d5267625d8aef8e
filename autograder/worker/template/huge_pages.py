"""Large pages for the template's memory, so that a fork copies a page table of a few entries.

A template that has imported torch holds 240 MB in 60,000 pages of 4 KiB. A fork copies an entry for each,
and the end of the worker takes each back: thirteen milliseconds, more than the work of a small notebook.
Collapsed into pages of 2 MiB, they take four. What a worker then writes to is copied 4 KiB at a time, as before.

Sources: madvise(2), MADV_COLLAPSE (Linux 6.1); proc_pid_maps(5).
"""

from __future__ import annotations

import ctypes
from pathlib import Path

from autograder.worker.sandbox.libc import libc

_MADV_COLLAPSE = 25
_LARGE = 2 * 2**20


def use_huge_pages() -> None:
    """Collapse this process's anonymous memory into large pages, as far as the kernel has them to give.

    All of them take a tenth of a second or two, which some forks have to win back. The workers that live keep the old
    pages among themselves until they end. A refusal costs speed, nothing else: an older kernel, or too little memory
    in one piece.
    """
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        extent, rights, _, _, inode, *name = line.split(maxsplit=5)
        if not rights.startswith("rw") or inode != "0" or (name and name[0] != "[heap]"):
            continue
        begin, end = (int(bound, 16) for bound in extent.split("-"))
        for large in range(-(-begin // _LARGE) * _LARGE, end // _LARGE * _LARGE, _LARGE):
            libc.madvise(ctypes.c_void_p(large), ctypes.c_size_t(_LARGE), _MADV_COLLAPSE)
