"""Whom a worker of root's can become: numbers that exist, and that no other process has."""

from __future__ import annotations

import os

import pytest

from autograder.worker.sandbox import users
from autograder.worker.sandbox.users import own_users

ALL = [range(2**32 - 1)]


@pytest.fixture
def machine(monkeypatch):
    """A machine where root has these numbers and powers."""

    def machine(uids, gids=None, *, powers=2**41 - 1, user=0):
        maps = {"uid": uids, "gid": uids if gids is None else gids}
        monkeypatch.setattr(users, "_mapped", maps.__getitem__)
        monkeypatch.setattr(users, "capabilities", lambda: powers)
        monkeypatch.setattr(os, "geteuid", lambda: user)

    return machine


def test_on_a_whole_machine_no_two_processes_share_a_number(machine):
    machine(ALL)
    assert own_users(4711) == range(1_000_000_000 + 4711 * 512, 1_000_000_000 + 4712 * 512)
    assert not set(own_users(4711)) & set(own_users(4712))
    assert max(own_users(2**22)) < 2**32 - 1


def test_in_a_rootless_container_the_numbers_are_those_that_exist(machine):
    machine([range(65536)])
    for process in (1, 2, 77, 4711, 2**22):
        assert len(own_users(process)) == 512
        assert 0 < min(own_users(process)) and max(own_users(process)) < 65534
    assert not set(own_users(1)) & set(own_users(2))


def test_users_that_are_no_groups_are_not_taken(machine):
    machine([range(1), range(1000, 3000)], [range(1), range(2000, 4000)])
    assert set(own_users(1)) <= set(range(2000, 3000))
    assert own_users(1)


@pytest.mark.parametrize("lacking", [0, 1, 5, 6, 7, 8])
def test_root_without_a_power_that_it_takes_becomes_nobody_else(machine, lacking):
    machine(ALL, powers=(2**41 - 1) & ~(1 << lacking))
    assert not own_users(1)


def test_neither_does_an_ordinary_user_nor_root_of_one_number(machine):
    machine(ALL, user=1000)
    assert not own_users(1)
    machine([range(1)])
    assert not own_users(1)
