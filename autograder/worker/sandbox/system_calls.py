"""The system calls that a worker may make: an allowlist, as a seccomp filter.

A list of forbidden calls is out of date with the next kernel; a call that is not on this one fails with EPERM, which
Python shows as PermissionError.

Sources: seccomp(2), clone(2), ioctl_tty(2), <linux/filter.h>; `pyseccomp`.
"""

from __future__ import annotations

import ctypes
import errno
import tempfile
from typing import Any

from autograder.worker.sandbox.libc import prctl

# What Python, numpy, torch and IPython need once they are imported. Threads are made by clone, whose
# flags are looked at below; clone3 hides its flags from seccomp, so it "does not exist" (ENOSYS) and
# libc falls back to clone.
ALLOWED_SYSTEM_CALLS = """
    files:   close close_range read write readv writev pread64 pwrite64 lseek dup dup2 dup3 fcntl flock
             stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
             getcwd chdir fchdir truncate ftruncate fsync fdatasync fallocate
    memory:  brk mmap munmap mprotect mremap madvise mincore msync membarrier
    threads: futex set_robust_list get_robust_list rseq set_tid_address sched_yield sched_getaffinity getcpu arch_prctl
             restart_syscall exit exit_group
    signals: rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack tgkill pause
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


class _Program(ctypes.Structure):
    """A seccomp program as the kernel takes it: struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


_BYTES_OF_AN_INSTRUCTION = 8  # struct sock_filter
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2


class SystemCallFilter:
    """A filter, compiled once, that each worker loads.

    `with_gpu` it lets NVIDIA's driver be asked as well; where it `deletes`, files may lose their names.
    """

    def __init__(self, *, with_gpu: bool = False, deletes: bool = False) -> None:
        with tempfile.TemporaryFile() as file:
            _rules(with_gpu=with_gpu, deletes=deletes).export_bpf(file)
            file.seek(0)
            instructions = file.read()
        self._program = _Program(len(instructions) // _BYTES_OF_AN_INSTRUCTION, instructions)

    def load(self) -> None:
        """Put this process under the filter, for good. Raises OSError where the kernel refuses."""
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(self._program))


def _names(table: str) -> list[str]:
    """The calls of a table, without the words that say what they are for."""
    return [word for word in table.split() if not word.endswith(":")]


def _rules(*, with_gpu: bool, deletes: bool) -> Any:
    """What the filter lets through, as libseccomp's rules."""
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    names = _names(ALLOWED_SYSTEM_CALLS) + with_gpu * _names(DRIVER_SYSTEM_CALLS)
    names += deletes * _names(DELETING_SYSTEM_CALLS)
    for name in names:
        try:
            pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
        except (OSError, ValueError):
            continue  # another architecture has another name for it
        rules.add_rule(pyseccomp.ALLOW, name)
    for name, flags in (("open", 1), ("openat", 2)):
        if deletes:
            rules.add_rule(pyseccomp.ALLOW, name)
        else:
            named = pyseccomp.Arg(flags, pyseccomp.MASKED_EQ, _TEMPORARY, 0)
            rules.add_rule(pyseccomp.ALLOW, name, named)
    threads_only = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD | CLONE_NAMESPACES, CLONE_THREAD)
    rules.add_rule(pyseccomp.ALLOW, "clone", threads_only)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
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
