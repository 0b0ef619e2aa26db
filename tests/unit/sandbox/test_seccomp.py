"""The filter's decisions for both processors, by a machine that understands just enough of BPF to run it."""

import struct

import pytest

from bot.sandbox.seccomp import (
    ALLOW,
    AUDIT_ARCHITECTURES,
    CLONE_NEWUSER,
    EAFNOSUPPORT,
    ENOSYS,
    EPERM,
    KILL_PROCESS,
    REFUSED,
    TIOCSTI,
    filter_program,
)

ERRNO = 0x00050000
COLUMNS = {"x86_64": 0, "aarch64": 1}
NUMBERS = {
    "read": (0, 63),
    "execve": (59, 221),
    "clone": (56, 220),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "unshare": (272, 97),
}
SIGCHLD = 17


def decision(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel would do with a call; the program may only jump forward, so it ends."""
    spoken = AUDIT_ARCHITECTURES[machine] if architecture is None else architecture
    seen = struct.pack("<IIQ6Q", number, spoken, 0, *(*arguments, *([0] * (6 - len(arguments)))))
    program = list(struct.iter_unpack("<HBBI", filter_program(machine)))
    at, loaded = 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            loaded = struct.unpack_from("<I", seen, value)[0]
            continue
        holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        at += if_true if holds else if_false


def number(machine: str, name: str) -> int:
    return NUMBERS[name][COLUMNS[machine]]


machines = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])


@machines
def test_every_listed_call_is_refused(machine: str) -> None:
    numbers = {name: both[COLUMNS[machine]] for name, both in REFUSED.items()}

    assert {name for name, n in numbers.items() if n is not None and decision(machine, n) != ERRNO | EPERM} == set()


@machines
@pytest.mark.parametrize("name", ["read", "execve"])
def test_ordinary_calls_are_allowed(machine: str, name: str) -> None:
    assert decision(machine, number(machine, name)) == ALLOW


@machines
@pytest.mark.parametrize("name", ["clone", "unshare"])
def test_user_namespaces_alone_are_refused(machine: str, name: str) -> None:
    assert decision(machine, number(machine, name), SIGCHLD) == ALLOW
    assert decision(machine, number(machine, name), CLONE_NEWUSER | SIGCHLD) == ERRNO | EPERM
    assert decision(machine, number(machine, name), (1 << 40) | CLONE_NEWUSER) == ERRNO | EPERM


@machines
def test_clone3_looks_unknown_so_that_libc_falls_back(machine: str) -> None:
    assert decision(machine, 435) == ERRNO | ENOSYS


@machines
def test_typing_into_a_terminal_is_refused_whatever_the_high_half(machine: str) -> None:
    ioctl = number(machine, "ioctl")

    assert decision(machine, ioctl, 1, 0x5401) == ALLOW
    assert decision(machine, ioctl, 1, TIOCSTI) == ERRNO | EPERM
    assert decision(machine, ioctl, 1, (1 << 32) | TIOCSTI) == ERRNO | EPERM


@machines
@pytest.mark.parametrize("name", ["socket", "socketpair"])
@pytest.mark.parametrize(("family", "verdict"), [(1, ALLOW), (2, ALLOW), (10, ALLOW), (16, ALLOW)])
def test_ordinary_sockets_are_allowed(machine: str, name: str, family: int, verdict: int) -> None:
    assert decision(machine, number(machine, name), family) == verdict


@machines
@pytest.mark.parametrize("family", [17, 31, 38, 40])
def test_other_sockets_are_refused(machine: str, family: int) -> None:
    assert decision(machine, number(machine, "socket"), family) == ERRNO | EAFNOSUPPORT


@machines
def test_a_foreign_calling_convention_ends_the_process(machine: str) -> None:
    assert decision(machine, 0, architecture=0x40000003) == KILL_PROCESS


def test_the_x32_numbers_are_unknown() -> None:
    assert decision("x86_64", 0x40000000 | 101) == ERRNO | ENOSYS


def test_an_unknown_processor_has_no_filter() -> None:
    with pytest.raises(KeyError):
        filter_program("riscv64")
