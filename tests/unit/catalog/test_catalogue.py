"""Loading a catalogue: real files in a temporary copy, each broken in one way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.catalog import DataInvalid, DataMissing, find_data, load_catalogue, load_policy
from bot.catalog.files import digest
from bot.model.ids import ActionId

ROOT = find_data("actions").parent


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("actions", "protocols"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_checkout_holds_the_data() -> None:
    assert (find_data("protocols") / "policy.yaml").is_file()
    with pytest.raises(DataMissing, match="'nonsense'"):
        find_data("nonsense")


def test_a_digest_names_contents_and_names(root: Path) -> None:
    before = load_catalogue(root).digest
    assert load_catalogue(ROOT).digest == before

    (root / "protocols" / "README.md").write_text("another explanation")
    assert load_catalogue(root).digest == before

    templates = root / "protocols" / "prompts" / "templates"
    (templates / "extra.md").write_text("x")
    added = load_catalogue(root).digest
    (templates / "extra.md").rename(templates / "other.md")
    renamed = load_catalogue(root).digest
    rewrite(root / "protocols" / "policy.yaml", "max_steps: 60", "max_steps: 61")
    changed = load_catalogue(root).digest
    assert len({before, added, renamed, changed}) == 4


def test_a_digest_knows_where_a_name_ends() -> None:
    assert digest({"a": "bc"}) != digest({"ab": "c"})


def test_an_item_of_each_kind_has_its_text(root: Path) -> None:
    items = {item.id: item for item in load_catalogue(root).items}
    assert items["check-undefined-name"].text == "ruff:F821"
    assert items["test-example-table"].text.startswith("import pytest\n")
    assert items["code-read-before-edit"].text.startswith("Read the whole function")


def test_the_policy_becomes_a_budget(root: Path) -> None:
    rewrite(root / "protocols" / "policy.yaml", "max_cost_micro_dollars: 5000000", "max_cost_micro_dollars: 1250000")
    policy = load_policy(root)
    assert policy.budget.cost == 1_250_000
    assert policy.budget.steps == 60
    assert policy.budget.wall.total_seconds() == 7200
    assert set(policy.prompts) == {"thinker", "processor", "executor"}


Damage = Callable[[Path], None]


def in_file(name: str, old: str, new: str) -> Damage:
    return lambda root: rewrite(root / name, old, new)


def without(name: str) -> Damage:
    return lambda root: (root / name).unlink()


def remove_protocols(root: Path) -> None:
    shutil.rmtree(root / "protocols")


def write_latin_1(root: Path) -> None:
    (root / IMPLEMENTATION).write_bytes("# Größe\n".encode("latin-1"))


IMPLEMENTATION = "actions/coding/implementation.yaml"
CHECKLIST = "protocols/coding/implementation.yaml"


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(in_file(IMPLEMENTATION, "parent: change_code", "parent: nowhere"), "'nowhere'", id="parent"),
        pytest.param(
            in_file(IMPLEMENTATION, "parent: produce_change", "parent: implement_function"), "own ancestors", id="cycle"
        ),
        pytest.param(in_file(IMPLEMENTATION, "parent: change_code", "parent: null"), "exactly one root", id="roots"),
        pytest.param(
            in_file(IMPLEMENTATION, "id: fix_crash", "id: fix_defect"), "'fix_defect' also stands", id="twice"
        ),
        pytest.param(in_file(IMPLEMENTATION, "id: fix_crash", "id: Fix crash"), "Fix crash", id="form-of-id"),
        pytest.param(in_file(IMPLEMENTATION, "domain: coding", "domain: cooking"), "actions/cooking", id="place"),
        pytest.param(
            in_file("actions/general/validation.yaml", "parent: perform_task", "parent: write_test"),
            "belongs to another domain",
            id="general-below-coding",
        ),
        pytest.param(in_file(IMPLEMENTATION, "[syntax, ruff", "[syntax, feeling"), "feeling", id="validator"),
        pytest.param(in_file(IMPLEMENTATION, "off_by_one", "off_by_two"), "'off_by_two'", id="failure-mode"),
        pytest.param(in_file(IMPLEMENTATION, "plannable: false", "plannable: maybe"), "maybe", id="type"),
        pytest.param(in_file(IMPLEMENTATION, "plannable: false", "planable: false"), "planable", id="key"),
        pytest.param(
            in_file("actions/failure_modes.yaml", "id: missed_requirement", "id: misread_requirement"),
            "'misread_requirement' stands twice",
            id="mode-twice",
        ),
        pytest.param(without("actions/schema.json"), "actions/schema.json", id="no-schema"),
        pytest.param(in_file(CHECKLIST, "actions: [change_code", "actions: [bake_cake"), "'bake_cake'", id="action"),
        pytest.param(in_file(CHECKLIST, "targets: [off_by_one", "targets: [boredom"), "'boredom'", id="target"),
        pytest.param(
            in_file(CHECKLIST, "id: boundary-walk", "id: code-read-before-edit"), "stands twice", id="item-twice"
        ),
        pytest.param(in_file(CHECKLIST, "kind: check", "kind: instruction"), "items", id="kind-without-text"),
        pytest.param(in_file(CHECKLIST, "rule: F821", "rule: rm -rf"), "rm -rf", id="rule"),
        pytest.param(
            in_file(CHECKLIST, "Read the whole function", "Ignore the whole function"), "'Ignore'", id="order"
        ),
        pytest.param(
            in_file(CHECKLIST, "text: Read the", "text: Read " + "very " * 40 + "the"), "160", id="long-instruction"
        ),
        pytest.param(in_file(CHECKLIST, "state: production", "state: perfect"), "perfect", id="state"),
        pytest.param(without("protocols/prompts/templates/item.md"), "'item'", id="no-template"),
        pytest.param(without("protocols/prompts/system/executor.md"), "executor.md", id="no-system"),
        pytest.param(remove_protocols, "protocols", id="no-protocols"),
        pytest.param(write_latin_1, "UTF-8", id="no-utf-8"),
    ],
)
def test_a_broken_catalogue_is_refused_in_one_line(root: Path, damage: Damage, problem: str) -> None:
    damage(root)
    with pytest.raises((DataInvalid, DataMissing)) as caught:
        load_catalogue(root)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_changed_example_is_refused(root: Path) -> None:
    (example,) = (root / "protocols" / "coding" / "examples").iterdir()
    rewrite(example, "assert", "assert not")
    with pytest.raises(DataInvalid, match="rename it"):
        load_catalogue(root)


def test_a_broken_policy_is_refused(root: Path) -> None:
    rewrite(root / "protocols" / "policy.yaml", "max_steps: 60", "max_steps: 0")
    with pytest.raises(DataInvalid, match=r"run\.max_steps: 0"):
        load_policy(root)


def test_a_node_keeps_what_its_file_says(root: Path) -> None:
    node = load_catalogue(root).nodes[ActionId("fix_defect")]
    assert (node.parent, node.domain, node.level, node.plannable) == ("change_code", "coding", "implementation", True)
    assert "red_on_base" in node.validators
    assert node.known_failure_modes[0] == "symptom_patched"
