"""The runner does nothing where it is not isolated: its next steps would hit the host's files and processes.

Only tried on the check itself: a runner that went on here would end every process of whoever runs the tests.
"""

import os

import pytest

from bot.sandbox.inside.plan import Limits, Plan
from bot.sandbox.inside.runner import require_isolation


def plan(*, outer: str | None, uid: int | None, work: str) -> Plan:
    limits: Limits = {"wall": 1.0, "address_space": 1, "processes": 1, "file": 1, "output": 1}
    return {
        "argv": ["true"],
        "environment": {},
        "work": work,
        "uid": uid,
        "outer_processes": outer,
        "limits": limits,
        "archive": None,
        "files": [],
        "collect": [],
        "collect_bytes": 0,
    }


def test_it_ends_where_it_sees_the_hosts_processes() -> None:
    with pytest.raises(SystemExit, match="in sight"):
        require_isolation(plan(outer=os.readlink("/proc/self/ns/pid"), uid=None, work="/"))


def test_it_ends_where_the_work_directory_is_no_file_system_of_its_own() -> None:
    with pytest.raises(SystemExit, match="the host's"):
        require_isolation(plan(outer="pid:[1]", uid=65534, work="/usr/bin"))


def test_it_goes_on_where_both_are_its_own() -> None:
    require_isolation(plan(outer="pid:[1]", uid=65534, work="/proc"))
