"""The system calls that a worker may make: an allowlist, as a seccomp filter.

A list of forbidden calls is out of date with the next kernel; a call that is not on this one fails with EPERM, which
Python shows as PermissionError.

Sources: seccomp(2), clone(2), ioctl_tty(2), <linux/filter.h>; `pyseccomp`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from contextlib import suppress
from typing import Any

from autograder.worker.sandbox.libc import prctl

# What Python, numpy, torch and IPython need once they are imported. Threads are made by clone, whose
# flags are looked at below; clone3 hides its flags from seccomp, so it "does not exist" (ENOSYS) and
# libc falls back to clone.
ALLOWED_SYSTEM_CALLS = """
    files:   close close_range read write readv writev pread64 pwrite64 lseek dup dup2 dup3 flock
             stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
             getcwd chdir fchdir ftruncate fsync fdatasync fallocate
    memory:  brk mmap munmap mprotect mremap madvise mincore msync membarrier
    threads: futex set_robust_list get_robust_list rseq set_tid_address sched_yield sched_getaffinity getcpu arch_prctl
             restart_syscall exit exit_group
    signals: rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack pause
    time:    time times gettimeofday clock_gettime clock_getres nanosleep clock_nanosleep alarm setitimer getitimer
             timerfd_create timerfd_settime timerfd_gettime
    itself:  getpid getppid gettid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups
             getrusage getrlimit sysinfo uname getrandom
    waiting: poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd eventfd2
             pipe pipe2 recvfrom
"""

# What takes a name away from a file, whose bytes are then counted by nobody but the file system that they lie in.
DELETING_SYSTEM_CALLS = "unlink unlinkat rename renameat renameat2"
_TEMPORARY = 0o2000_0000  # __O_TMPFILE: a file that never has a name

# Landlock does not see a file being cut before its version 3: `truncate`, and an open that cuts without writing.
_ACCESS_MODE, _WRITE_ONLY, _READ_AND_WRITE, _CUT = 0o3, 0o1, 0o2, 0o1000  # O_ACCMODE, O_WRONLY, O_RDWR, O_TRUNC

# The commands of fcntl(2) but for those that have a signal sent: to another process, or by another (F_SETOWN, F_SETSIG,
# F_SETOWN_EX, F_NOTIFY, F_SETLEASE). A command is compared as a whole, so that no other bits hide it.
_FCNTL_COMMANDS = (
    *(0, 1, 2, 3, 4, 5, 6, 7),  # F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW
    *(9, 11, 36, 37, 38),  # F_GETOWN F_GETSIG F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW
    *(1030, 1032, 1033, 1034),  # F_DUPFD_CLOEXEC F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS
)

# What NVIDIA's driver asks for beside these, in a worker that may use the GPU. It waits at a Unix socket for processes
# that share memory with it; none can reach it, as no worker may connect or accept.
DRIVER_SYSTEM_CALLS = """
    get_mempolicy set_mempolicy mbind statfs fstatfs mlock munlock memfd_create sched_setaffinity
    sched_getscheduler sched_getparam sched_get_priority_max sched_get_priority_min bind listen getsockname
"""
_SEQPACKET, _KINDS_OF_SOCKETS = 5, 0xF  # SOCK_SEQPACKET, SOCK_TYPE_MASK

# clone(2) without CLONE_THREAD would be a new process; with any CLONE_NEW* a new namespace.
CLONE_THREAD = 0x0001_0000
CLONE_NAMESPACES = 0x7E02_0000 | 0x0000_0080
_CLONE3, _OPENAT2 = 435, 437  # on every architecture; an old libseccomp does not know their names


class _Program(ctypes.Structure):
    """A seccomp program as the kernel takes it: struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


_OWN_PROCESS = 0x5EED_1D00  # stands for the worker's own process id, until it has one
_BYTES_OF_AN_INSTRUCTION = 8  # struct sock_filter
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2


class SystemCallFilter:
    """A filter, compiled once, that each worker loads.

    `with_gpu` it lets NVIDIA's driver be asked as well; where it `deletes`, files may lose their names; where it
    `cuts`, files may be truncated by name, as something else knows which.

    Raises OSError where libseccomp is missing, which compiles it.
    """

    def __init__(self, *, with_gpu: bool = False, deletes: bool = False, cuts: bool = False) -> None:
        instructions = compiled(with_gpu=with_gpu, deletes=deletes, cuts=cuts)
        self._instructions = ctypes.create_string_buffer(instructions, len(instructions))
        self._own_process = instructions.index(_OWN_PROCESS.to_bytes(4, sys.byteorder))
        self._program = _Program(len(instructions) // _BYTES_OF_AN_INSTRUCTION, ctypes.addressof(self._instructions))

    def load(self) -> None:
        """Put this process under the filter, for good. Raises OSError where the kernel refuses."""
        struct.pack_into("=I", self._instructions, self._own_process, os.getpid())
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(self._program))


def compiled(*, with_gpu: bool = False, deletes: bool = False, cuts: bool = False, architecture: int = 0) -> bytes:
    """The filter's instructions for the kernel (struct sock_filter), for this machine's architecture or another.

    In place of the worker's process id, which is not known yet, stands a number that no process has.

    Raises OSError where libseccomp is missing.
    """
    file = os.fdopen(os.memfd_create("filter"), "w+b")  # /tmp may be full
    with file:
        _rules(architecture, with_gpu=with_gpu, deletes=deletes, cuts=cuts).export_bpf(file)
        file.seek(0)
        return file.read()


def _allow(rules: Any, name: str, *arguments: Any) -> None:
    """Let a call through, where the architecture has one of that name."""
    import pyseccomp

    with suppress(OSError, ValueError):
        rules.add_rule(pyseccomp.ALLOW, name, *arguments)


def _names(table: str) -> list[str]:
    """The calls of a table, without the words that say what they are for."""
    return [word for word in table.split() if not word.endswith(":")]


def _rules(architecture: int, *, with_gpu: bool, deletes: bool, cuts: bool) -> Any:
    """What the filter lets through, as libseccomp's rules."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as missing:  # the latter where the library is not there
        raise OSError(errno.ENOENT, "libseccomp is missing") from missing

    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    if architecture:
        rules.add_arch(architecture)
        rules.remove_arch(pyseccomp.system_arch())
    names = _names(ALLOWED_SYSTEM_CALLS) + with_gpu * _names(DRIVER_SYSTEM_CALLS)
    names += deletes * _names(DELETING_SYSTEM_CALLS) + cuts * ["truncate"]
    for name in names:
        _allow(rules, name)
    never = 0 if deletes else _TEMPORARY
    opened = [(never, 0)] if cuts else [(never | _CUT, 0)]
    if not cuts:
        opened += [(never | _ACCESS_MODE, mode) for mode in (_WRITE_ONLY, _READ_AND_WRITE)]
    for name, flags in (("open", 1), ("openat", 2)):
        for mask, value in opened:
            _allow(rules, name, *([pyseccomp.Arg(flags, pyseccomp.MASKED_EQ, mask, value)] if mask else []))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), _OPENAT2)  # hides its flags; callers then take openat
    for command in _FCNTL_COMMANDS:
        _allow(rules, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    # A signal goes to the threads of the worker itself only, whatever else may know of signals.
    _allow(rules, "tgkill", pyseccomp.Arg(0, pyseccomp.EQ, _OWN_PROCESS))
    threads_only = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD | CLONE_NAMESPACES, CLONE_THREAD)
    rules.add_rule(pyseccomp.ALLOW, "clone", threads_only)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), _CLONE3)
    # A thread may name itself and ask, but not change how it is limited, traced or killed.
    for option in (15, 16, 3, 21):  # PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_SECCOMP
        rules.add_rule(pyseccomp.ALLOW, "prctl", pyseccomp.Arg(0, pyseccomp.EQ, option))
    # Limits may be read, not set: the third argument, the new limit, is null.
    rules.add_rule(pyseccomp.ALLOW, "prlimit64", pyseccomp.Arg(2, pyseccomp.EQ, 0))
    # The wire is a connected socket: no address is ever named.
    rules.add_rule(pyseccomp.ALLOW, "sendto", pyseccomp.Arg(4, pyseccomp.EQ, 0))
    # asyncio talks to itself through a pair of Unix sockets, which reach nobody else.
    rules.add_rule(pyseccomp.ALLOW, "socketpair", pyseccomp.Arg(0, pyseccomp.EQ, 1))
    # isatty() and terminal size ask by ioctl; TIOCSTI and its like stay out.
    for request in (0x5401, 0x5413, 0x541B, 0x5421, 0x5451):  # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX
        rules.add_rule(pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, request))
    if with_gpu:
        unix = pyseccomp.Arg(0, pyseccomp.EQ, 1)
        packets = pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _KINDS_OF_SOCKETS, _SEQPACKET)
        rules.add_rule(pyseccomp.ALLOW, "socket", unix, packets)
        # the driver is asked by ioctl, with requests beyond those of a terminal (0x54..)
        rules.add_rule(pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFF00, 0x4600))
        rules.add_rule(pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFF00, 0x0000))
    return rules
