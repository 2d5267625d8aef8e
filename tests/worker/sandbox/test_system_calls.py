"""The list of system calls, as the kernel would judge them: on this architecture and on the other."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

import pyseccomp
import pytest

from autograder.worker.sandbox.system_calls import ALLOWED_SYSTEM_CALLS, CLONE_THREAD, compiled
from tests.worker.sandbox.filter_machine import AARCH64, ALLOW, ARM, ERRNO, I386, KILL, X32, X86_64, answer

REFUSED, ABSENT = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
ENDED = {KILL, 0}  # of the process, or of the thread
ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64}
# By the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h.
NUMBERS = {
    "openat": (257, 56), "read": (0, 63), "ftruncate": (77, 46), "truncate": (76, 45), "fcntl": (72, 25),
    "ioctl": (16, 29), "tgkill": (234, 131), "tkill": (200, 130), "kill": (62, 129), "clone": (56, 220),
    "clone3": (435, 435), "execve": (59, 221), "execveat": (322, 281), "socket": (41, 198), "connect": (42, 203),
    "sendto": (44, 206), "socketpair": (53, 199), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "mount": (165, 40), "unshare": (272, 97), "setns": (308, 268), "pivot_root": (155, 41), "fchmodat": (268, 53),
    "openat2": (437, 437), "io_uring_setup": (425, 425), "pidfd_open": (434, 434), "unlinkat": (263, 35),
    "prctl": (157, 167), "prlimit64": (302, 261), "rt_sigqueueinfo": (129, 138), "bpf": (321, 280),
    "shmget": (29, 194), "setuid": (105, 146), "capset": (126, 91), "futex": (202, 98), "mmap": (9, 222),
    "memfd_create": (319, 279), "linkat": (265, 37), "symlinkat": (266, 36), "mkdirat": (258, 34),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "kexec_load": (246, 104),
}  # fmt: skip

TRUNCATE, APPEND, TEMPORARY = os.O_TRUNC, os.O_APPEND, 0o20000000
F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY, F_SETLEASE = 8, 10, 15, 1026, 1024
TIOCSTI, TCGETS = 0x5412, 0x5401
OWN = 0x5EED_1D00  # stands for the worker's own process id

ALLOWED = [
    ("read",), ("futex",), ("mmap",), ("ftruncate",),
    ("openat", -100, 0, os.O_RDONLY), ("openat", -100, 0, os.O_WRONLY | os.O_CREAT | TRUNCATE),
    ("openat", -100, 0, os.O_RDWR | TRUNCATE), ("openat", -100, 0, os.O_WRONLY | APPEND),
    ("fcntl", 3, 1), ("fcntl", 3, 1030), ("ioctl", 1, TCGETS), ("clone", CLONE_THREAD | 0xF00),
    ("tgkill", OWN, 7, 10), ("socketpair", 1, 1, 0), ("sendto", 3, 0, 0, 0, 0), ("prctl", 15), ("prlimit64", 0, 7, 0),
]  # fmt: skip
FORBIDDEN = [
    *((name,) for name in (
        "kill", "tkill", "execve", "execveat", "socket", "connect", "ptrace", "process_vm_readv", "mount", "unshare",
        "setns", "pivot_root", "fchmodat", "io_uring_setup", "pidfd_open", "rt_sigqueueinfo", "bpf", "shmget", "setuid",
        "capset", "memfd_create", "linkat", "symlinkat", "mkdirat", "name_to_handle_at", "open_by_handle_at",
        "kexec_load", "truncate", "unlinkat",
    )),
    ("openat", -100, 0, os.O_RDONLY | TRUNCATE), ("openat", -100, 0, os.O_ACCMODE | TRUNCATE),
    ("openat", -100, 0, os.O_RDWR | TEMPORARY), ("openat", -100, 0, os.O_WRONLY | TRUNCATE | TEMPORARY),
    *(("fcntl", 3, command) for command in (F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY, F_SETLEASE)),
    ("fcntl", 3, F_SETOWN | 1 << 32), ("ioctl", 1, TIOCSTI), ("ioctl", 1, TIOCSTI | 1 << 32),
    ("clone", 17), ("clone", CLONE_THREAD | 0x1000_0000), ("clone", CLONE_THREAD | 0x80), ("tgkill", 1, 1, 9),
    ("tgkill", -1, 1, 9), ("tgkill", OWN + 1, 1, 9), ("socketpair", 2, 1, 0), ("sendto", 3, 0, 0, 0, 1),
    ("prctl", 4, 1), ("prctl", 1, 0), ("prlimit64", 0, 7, 1),
]  # fmt: skip

TABLE = [word for word in ALLOWED_SYSTEM_CALLS.split() if not word.endswith(":")]
# What the C library of aarch64 calls in place of the older calls, which that architecture never had.
SUCCESSORS = {
    "stat": "newfstatat", "lstat": "newfstatat", "access": "faccessat", "readlink": "readlinkat",
    "getdents": "getdents64", "dup2": "dup3", "pipe": "pipe2", "poll": "ppoll", "select": "pselect6",
    "epoll_create": "epoll_create1", "epoll_wait": "epoll_pwait", "eventfd": "eventfd2", "pause": "ppoll",
    "time": "gettimeofday", "alarm": "setitimer", "getpgrp": "getpgid", "arch_prctl": "",
}  # fmt: skip
HIGHEST = 600  # beyond every call of today's
OPTIONS = [{}, {"with_gpu": True}, {"deletes": True}, {"cuts": True}]
# What the rules look at, in each place where they look.
ARGUMENTS = [(), (2**32,), (CLONE_THREAD,), (OWN,), (0, 0, 0, 0, 1)]
ARGUMENTS += [(0, value) for value in (1, F_SETOWN, TIOCSTI, TCGETS, 0x4601, TRUNCATE)]
ARGUMENTS += [(0, 0, value) for value in (1, TRUNCATE, TEMPORARY, TRUNCATE | os.O_RDWR, 2**32)]


@pytest.fixture(params=ARCHITECTURES, ids=str)
def judged(request):
    """What the filter for one architecture answers to a call by name."""
    column = list(ARCHITECTURES).index(request.param)
    architecture = ARCHITECTURES[request.param]
    other = architecture if architecture != pyseccomp.system_arch() else 0

    def judged(name, *arguments, **options):
        program = compiled(architecture=other, **options)
        return answer(program, architecture, NUMBERS[name][column], *arguments)

    return judged


@pytest.mark.parametrize("call", ALLOWED, ids=str)
def test_honest_code_may_make_it(judged, call):
    assert judged(*call) == ALLOW


@pytest.mark.parametrize("call", FORBIDDEN, ids=str)
def test_no_worker_may_make_it(judged, call):
    assert judged(*call) == REFUSED


@pytest.mark.parametrize("name", ["clone3", "openat2"])
def test_what_hides_its_flags_does_not_exist(judged, name):
    assert judged(name) == ABSENT


def test_where_the_file_system_counts_what_is_deleted_files_may_be_deleted(judged):
    assert judged("unlinkat", deletes=True) == ALLOW
    assert judged("openat", -100, 0, os.O_RDWR | TEMPORARY, deletes=True) == ALLOW
    assert judged("openat", -100, 0, TRUNCATE, deletes=True) == REFUSED


def test_where_something_else_knows_of_truncation_files_may_be_cut(judged):
    assert judged("truncate", cuts=True) == ALLOW
    assert judged("openat", -100, 0, TRUNCATE, cuts=True) == ALLOW
    assert judged("openat", -100, 0, os.O_RDWR | TEMPORARY, cuts=True) == REFUSED


def program_for(architecture, **options):
    return compiled(architecture=architecture if architecture != pyseccomp.system_arch() else 0, **options)


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES)
@pytest.mark.parametrize("foreign", [X86_64, AARCH64, I386, ARM], ids=["x86_64", "aarch64", "i386", "arm"])
def test_a_call_of_another_architecture_ends_the_worker(architecture, foreign):
    program = program_for(architecture)
    if foreign != architecture:
        assert {answer(program, foreign, number) for number in range(HIGHEST)} <= ENDED


def test_a_call_of_the_other_table_of_x86_64_ends_the_worker():
    program = program_for(X86_64)
    assert {answer(program, X86_64, X32 | number) for number in range(HIGHEST)} <= ENDED


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_what_both_architectures_have_is_judged_alike_on_both(options):
    programs = {each: program_for(each, **options) for each in ARCHITECTURES.values()}
    both = {}
    for number in range(HIGHEST):
        with suppress(ValueError):  # no call has it
            both[number] = pyseccomp.resolve_syscall(X86_64, pyseccomp.resolve_syscall(AARCH64, number).decode())
    differing = [
        (number, arguments)
        for number, on_x86 in both.items()
        for arguments in ARGUMENTS
        if answer(programs[AARCH64], AARCH64, number, *arguments)
        != answer(programs[X86_64], X86_64, on_x86, *arguments)
    ]
    assert min(both.values()) >= 0
    assert len(both) > 300
    assert differing == []


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_a_number_that_nobody_knows_is_refused(architecture):
    program = program_for(architecture)
    assert {answer(program, architecture, number) for number in range(700, 2000)} == {REFUSED}


def test_what_aarch64_lacks_has_its_successor_in_the_table():
    lacking = {name for name in TABLE if pyseccomp.resolve_syscall(AARCH64, name) < 0}
    assert lacking == {name for name in SUCCESSORS if name in TABLE}
    successors = [successor for successor in SUCCESSORS.values() if successor]
    assert [each for each in successors if each not in TABLE or pyseccomp.resolve_syscall(AARCH64, each) < 0] == []


def test_the_numbers_are_those_of_libseccomp():
    for name, numbers in NUMBERS.items():
        for architecture, number in zip(ARCHITECTURES.values(), numbers, strict=True):
            assert pyseccomp.resolve_syscall(architecture, name) == number, name


def test_every_name_is_a_system_call_of_one_architecture_at_least():
    unknown = [name for name in TABLE if max(pyseccomp.resolve_syscall(each, name) for each in (X86_64, AARCH64)) < 0]
    assert unknown == []
