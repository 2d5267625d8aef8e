"""Landlock, by its three system calls: this process reads and writes only beneath what is named, for good.

Each version of the kernel's knows some rights; all that it knows are handled, so that what is not granted is refused:
moves between folders since version 2, cutting files since 3, TCP since 4, devices' ioctl since 5, and signals and
abstract Unix sockets to anyone outside since 6. What a version does not know, other layers must refuse: see
`protection`.

Sources: landlock(7), landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2), <linux/landlock.h>.
The numbers of the system calls are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
from typing import TYPE_CHECKING

from autograder.worker.sandbox.libc import check, libc, prctl

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(1, 6))
_MAKE_REG, _REFER, _TRUNCATE, _IOCTL_DEV = (1 << bit for bit in (8, 13, 14, 15))
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_ALL_NETWORK = {4: 0b11}  # binding and connecting TCP
_ALL_SCOPES = {6: 0b11}  # abstract Unix sockets, signals

_READ = _READ_FILE | _READ_DIR
_WRITE = _WRITE_FILE | _TRUNCATE | _IOCTL_DEV | _MAKE_REG | _REMOVE_FILE | _REMOVE_DIR | _REFER
_OF_A_FILE = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV

TRUNCATION_SINCE, TCP_SINCE, SIGNALS_SINCE = 3, 4, 6


class _Ruleset(ctypes.Structure):
    """struct landlock_ruleset_attr; an older kernel takes it if what it does not know is zero."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    """struct landlock_path_beneath_attr, which is packed."""

    _pack_ = 1
    _layout_ = "ms"  # what Python takes with _pack_, and asks for since 3.14
    _fields_ = (("access", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that the kernel offers; 0 where it offers none."""
    return max(0, libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_RULESET_VERSION)))


class FileRules:
    """What may be read and written, opened once, so that each fork of this process makes its own ruleset from it.

    One ruleset for all would not do: what one process adds to it, every other has.

    Args:
        version: of Landlock, at most the kernel's.
        readable: files and folders.
        writable: files and folders that may be read as well.
    """

    def __init__(self, version: int, readable: Iterable[str], writable: Iterable[str]) -> None:
        self._rights = _newest(_ALL_FILES, version)
        self._ruleset = _Ruleset(self._rights, _newest(_ALL_NETWORK, version), _newest(_ALL_SCOPES, version))
        self._ready = [self._rule(place, _READ) for place in readable]
        self._ready += [self._rule(place, _READ | _WRITE) for place in writable]

    def restrict(self, *, readable: Iterable[str] = (), writable: Iterable[str] = ()) -> None:
        """Hold this process, which has one thread, to these rules and to what is added here. Raises OSError."""
        own = [self._rule(place, _READ) for place in readable]
        own += [self._rule(place, _READ | _WRITE) for place in writable]
        size = ctypes.c_size_t(ctypes.sizeof(_Ruleset))
        ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(self._ruleset), size, 0)
        check(min(ruleset, 0), "Landlock: create ruleset")
        for rule in (*self._ready, *own):
            check(libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0), "Landlock: add rule")
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        check(libc.syscall(_RESTRICT_SELF, ruleset, 0), "Landlock: restrict self")
        for descriptor in (ruleset, *(rule.descriptor for rule in own)):
            os.close(descriptor)

    def _rule(self, place: str, access: int) -> _PathBeneath:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _OF_A_FILE
        return _PathBeneath(access & self._rights, descriptor)


def _newest(known: dict[int, int], version: int) -> int:
    """What a version knows, by the versions at which that changed."""
    return known.get(max((each for each in known if each <= version), default=0), 0)
