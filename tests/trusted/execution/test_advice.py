"""What a person is told where there is no sandbox: what to do on that very system."""

from __future__ import annotations

import errno
import resource
import sys

import pytest

from autograder.errors import KitError
from autograder.trusted.execution import advice
from autograder.trusted.execution.advice import lacking, low_limits, refusal, require_room

SYSTEMS = {
    "WSL 1": ("4.4.0-19041-Microsoft", {}, 1000, "wsl --set-version"),
    "an old WSL 2": ("5.10.16.3-microsoft-standard-WSL2", {}, 1000, "wsl --update"),
    "Ubuntu 24.04 without Landlock": (
        "5.10.0-generic",
        {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"},
        1000,
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    "Debian 10": (
        "4.19.0-27-amd64",
        {"/proc/sys/kernel/unprivileged_userns_clone": "0\n"},
        1000,
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    "a kernel without user namespaces": (
        "3.10.0-1160.el7",
        {"/proc/sys/user/max_user_namespaces": "0\n"},
        1000,
        "sudo sysctl -w user.max_user_namespaces=10000",
    ),
    "a kernel with Landlock switched off": (
        "6.1.0-50-amd64",
        {"/sys/kernel/security/lsm": "capability,yama,apparmor"},
        1000,
        "Add landlock to the list after lsm=",
    ),
    "an old Docker": ("5.15.0-generic", {"/.dockerenv": ""}, 0, "--security-opt seccomp=unconfined"),
    "a container on an old kernel": ("5.10.0-amd64", {"/run/.containerenv": ""}, 0, "--cap-add SYS_ADMIN"),
    "gVisor": (
        "4.4.0",
        {"/.dockerenv": "", "/proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n"},
        0,
        "This is gVisor (runsc), which lacks what it takes: start the container with --runtime runc",
    ),
    "a newer gVisor": ("4.19.0-gvisor", {}, 0, "--runtime runc"),
    "a kernel that is too old": ("5.10.0-amd64", {}, 0, "Linux 5.13 or newer"),
}


@pytest.mark.parametrize(("release", "files", "user", "told"), SYSTEMS.values(), ids=SYSTEMS)
def test_the_sentence_says_what_to_do_on_this_very_system(monkeypatch, release, files, user, told):
    monkeypatch.setattr("platform.release", lambda: release)
    monkeypatch.setattr(advice, "_read", lambda path, otherwise="": files.get(path, otherwise))
    monkeypatch.setattr(
        advice, "_CONTAINER", [each for each in ("/proc/self",) if {"/.dockerenv", "/run/.containerenv"} & set(files)]
    )
    monkeypatch.setattr("os.geteuid", lambda: user)
    said = refusal("nothing refuses a worker")
    assert told in said
    assert said.startswith("This machine cannot put student code into a sandbox (nothing refuses a worker). ")
    assert said.endswith(", or add --isolation process to run code that you trust without one.")
    assert "\n" not in said


def test_another_system_is_told_of_linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "grade in a Linux container or virtual machine" in refusal("Darwin has no Landlock")


def test_limits_that_are_too_low_are_named(monkeypatch):
    given = {resource.RLIMIT_NOFILE: 10, resource.RLIMIT_CPU: 2}
    monkeypatch.setattr("resource.getrlimit", lambda what: (given.get(what, resource.RLIM_INFINITY),) * 2)
    assert low_limits() == (
        "open files (ulimit -n) is limited to 10, 32 are needed; "
        "processor seconds (ulimit -t) is limited to 2, 20 are needed"
    )
    with pytest.raises(KitError, match="may use too little: open files"):
        require_room()


def test_where_no_limit_is_low_nothing_is_said(monkeypatch):
    monkeypatch.setattr("resource.getrlimit", lambda what: (resource.RLIM_INFINITY,) * 2)
    assert low_limits() == ""


def test_where_the_library_is_missing_it_is_said_how_to_get_it():
    assert refusal("libseccomp is missing").startswith(
        "This machine cannot put student code into a sandbox (libseccomp is missing). "
        "Install the package libseccomp2 (or libseccomp), or add "
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EAGAIN, "no process can be started"), (errno.EMFILE, "ulimit -n"), (errno.ENOSPC, "no space left for /a")],
)
def test_what_a_machine_has_no_more_of_is_named(number, said):
    assert said in lacking(OSError(number, "", "/a"))


def test_another_error_is_for_no_want_of_anything():
    assert lacking(FileNotFoundError(errno.ENOENT, "", "/a")) == ""
