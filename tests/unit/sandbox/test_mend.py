"""A backend that does not start is told with the step that mends it on this very host."""

import pytest

from bot.sandbox.mend import HostFacts, host_facts, mend_for

PLAIN = HostFacts(in_container=False, apparmor_restricts=False, user_namespaces_off=None, root=False)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (HostFacts(True, False, None, True), "--security-opt seccomp=unconfined"),
        (HostFacts(True, True, "user.max_user_namespaces=15000", False), "--security-opt systempaths=unconfined"),
        (HostFacts(False, False, "kernel.unprivileged_userns_clone=1", False), "kernel.unprivileged_userns_clone=1"),
        (HostFacts(False, True, None, False), "sudo apparmor_parser -r /etc/apparmor.d/rmo-bwrap"),
        (HostFacts(False, True, None, False), "profile rmo-bwrap /x/bwrap flags=(unconfined) { userns, }"),
        (HostFacts(False, False, None, True), "ordinary user"),
        (PLAIN, "docker"),
    ],
)
def test_the_step(facts: HostFacts, step: str) -> None:
    assert step in mend_for("/x/bwrap", facts)


def test_the_facts_of_this_host_can_be_read() -> None:
    assert mend_for("/x/bwrap", host_facts())
