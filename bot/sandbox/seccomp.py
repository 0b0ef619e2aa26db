"""The system call filter of the sandbox, assembled to raw BPF without any library.

Namespaces hide what is outside; the filter takes away the calls by which a kernel bug is usually reached
(io_uring, bpf, userfaultfd, keyctl, mounts, nested user namespaces) and the few ways around a namespace
(TIOCSTI, AF_VSOCK). It is a list of refusals, not of permissions: test suites call anything. Refused calls
answer EPERM; `clone3` answers ENOSYS, because its flags lie in memory that a filter cannot read and every
libc then falls back to `clone`, whose flags it can.

Layout of `seccomp_data` and return values: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import struct
from typing import Final

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K

_NUMBER_OFFSET: Final = 0
_ARCHITECTURE_OFFSET: Final = 4
_ARGUMENTS_OFFSET: Final = 16

ALLOW: Final = 0x7FFF0000
KILL_PROCESS: Final = 0x80000000
_ERRNO: Final = 0x00050000
EPERM: Final = 1
ENOSYS: Final = 38
EAFNOSUPPORT: Final = 97

CLONE_NEWUSER: Final = 0x10000000
TIOCSTI: Final = 0x5412
TIOCLINUX: Final = 0x541C
_X32_BIT: Final = 0x40000000
SOCKET_FAMILIES: Final = (0, 1, 2, 10, 16)
"""UNSPEC, UNIX, INET, INET6, NETLINK. AF_VSOCK reaches the hypervisor past every network namespace."""

AUDIT_ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

REFUSED: Final[dict[str, tuple[int | None, int | None]]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}
"""Name -> number on (x86_64, aarch64); None where the processor has no such call."""

_INSPECTED: Final = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "unshare": (272, 97),
}


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _answer(errno: int) -> bytes:
    return _instruction(_RETURN, _ERRNO | errno)


def _refuse(number: int, errno: int) -> bytes:
    return _instruction(_EQUAL, number, 0, 1) + _answer(errno)


def _on_argument(number: int, argument: int, tests: bytes) -> bytes:
    """Run `tests` on the low half of an argument of one call, then have the call's number loaded again."""
    load = _instruction(_LOAD, _ARGUMENTS_OFFSET + 8 * argument)
    reload = _instruction(_LOAD, _NUMBER_OFFSET)
    block = load + tests + reload
    return _instruction(_EQUAL, number, 0, len(block) // 8) + block


def _unless_in(values: tuple[int, ...], errno: int) -> bytes:
    """Answer `errno` if the loaded word is none of `values`."""
    count = len(values)
    chain = b"".join(_instruction(_EQUAL, value, count - index) for index, value in enumerate(values))
    return chain + _answer(errno)


def filter_program(machine: str) -> bytes:
    """The filter for a processor (`platform.machine()`), as `struct sock_filter[]` for `bwrap --seccomp`.

    A call of a foreign calling convention (32-bit on a 64-bit kernel) ends the process: its numbers mean other calls.
    Raises KeyError for a processor that has no table here.
    """
    architecture = AUDIT_ARCHITECTURES[machine]
    column = 0 if machine == "x86_64" else 1
    inspected = {name: numbers[column] for name, numbers in _INSPECTED.items()}
    program = [
        _instruction(_LOAD, _ARCHITECTURE_OFFSET),
        _instruction(_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, KILL_PROCESS),
        _instruction(_LOAD, _NUMBER_OFFSET),
    ]
    if machine == "x86_64":
        program += [_instruction(_AT_LEAST, _X32_BIT, 0, 1), _answer(ENOSYS)]
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            program.append(_refuse(number, EPERM))
    refuse_user_namespace = _instruction(_ANY_BIT, CLONE_NEWUSER, 0, 1) + _answer(EPERM)
    refuse_injection = _refuse(TIOCSTI, EPERM) + _refuse(TIOCLINUX, EPERM)
    only_families = _unless_in(SOCKET_FAMILIES, EAFNOSUPPORT)
    program += [
        _refuse(inspected["clone3"], ENOSYS),
        _on_argument(inspected["clone"], 0, refuse_user_namespace),
        _on_argument(inspected["unshare"], 0, refuse_user_namespace),
        _on_argument(inspected["ioctl"], 1, refuse_injection),
        _on_argument(inspected["socket"], 0, only_families),
        _on_argument(inspected["socketpair"], 0, only_families),
        _instruction(_RETURN, ALLOW),
    ]
    return b"".join(program)
