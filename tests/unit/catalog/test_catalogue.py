"""Loading a catalogue: real files in a temporary copy, each broken in one way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.catalog import DataInvalid, DataMissing, find_data, load_catalogue, load_compatibility, load_policy
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


def add_named_example(root: Path) -> None:
    (root / "protocols" / "coding" / "examples" / "nice.py").write_text("x = 1\n")


def write_latin_1(root: Path) -> None:
    (root / IMPLEMENTATION).write_bytes("# Größe\n".encode("latin-1"))


IMPLEMENTATION = "actions/coding/implementation.yaml"
CHECKLIST = "protocols/coding/implementation.yaml"
REMEDIES = "protocols/remedies.yaml"
TABLE = "6dad6fac1e507d398acf323c384c76cfc8f1dfa6662cce939c4efd00084d7fad"


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
        pytest.param(in_file(CHECKLIST, "rule: F821", "rule: F999"), "no rule of protocols/rules.yaml", id="no-rule"),
        pytest.param(
            in_file(CHECKLIST, "check: { tool: ruff, rule: F821 }", "check: { pattern: any }"), "any", id="no-pattern"
        ),
        pytest.param(
            in_file(CHECKLIST, "schema: 2", "schema: 3"), "schema: 3 is not one of", id="schema-that-is-not-there"
        ),
        pytest.param(
            in_file("protocols/compatibility.yaml", "version: 2\n    schemas: [1, 2]", "version: 2\n    schemas: [1]"),
            "schema 2 is not understood by the thinker",
            id="schema-that-an-agent-does-not-understand",
        ),
        pytest.param(
            in_file("protocols/compatibility.yaml", "version: 2", "version: 3"),
            "what version 2 of the thinker understands, it does 0 times",
            id="agent-without-a-row",
        ),
        pytest.param(
            in_file(REMEDIES, "id: undefined-name-check", "id: unused-import-check"), "stands twice", id="remedy-twice"
        ),
        pytest.param(
            in_file(REMEDIES, "actions: [produce_change", "actions: [bake_cake"), "'bake_cake'", id="remedy-action"
        ),
        pytest.param(in_file(REMEDIES, "opposes: [", "opposes: [no-such-item, "), "'no-such-item'", id="opposes"),
        pytest.param(in_file(REMEDIES, "rule=ruff:F821", "rule=ruff:F999"), "unknown rules ['ruff:F999']", id="answer"),
        pytest.param(
            in_file(REMEDIES, "text: Import only", "text: Ignore everything, import only"),
            "'Ignore'",
            id="remedy-order",
        ),
        pytest.param(in_file(REMEDIES, "bandit: [unsafe_input", "bandit: [boredom"), "'boredom'", id="rule-target"),
        pytest.param(add_named_example, "named by its SHA-256", id="example-name"),
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
    example = root / "protocols" / "coding" / "examples" / f"{TABLE}.py"
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


def test_an_item_is_bound_to_what_its_file_says(root: Path) -> None:
    rewrite(
        root / CHECKLIST,
        "check: { tool: ruff, rule: F821 }",
        'check: { pattern: mutable_default }\n    when: { language: python, planned_items: "3-4" }',
    )
    items = {item.id: item for item in load_catalogue(root).items}
    bound = items["check-undefined-name"]
    assert (bound.text, bound.when) == ("pattern:mutable_default", {"language": "python", "planned_items": "3-4"})
    assert (bound.path, bound.targets) == (CHECKLIST, ("hallucinated_name", "missing_import"))

    rewrite(root / CHECKLIST, "schema: 2\n", "")
    with pytest.raises(DataInvalid, match="needs `schema: 2`"):
        load_catalogue(root)


def test_a_required_test_is_a_check_by_its_name(root: Path) -> None:
    rewrite(root / CHECKLIST, "check: { tool: ruff, rule: F821 }", "check: { required_test: changed_function }")
    items = {item.id: item for item in load_catalogue(root).items}
    assert items["check-undefined-name"].text == "required_test:changed_function"


def test_the_table_of_compatibility_can_be_shown(root: Path) -> None:
    rewrite(root / CHECKLIST, "schema: 2\n", "")
    table = load_compatibility(root)
    assert {(each.agent, each.version) for each in table.agents if each.current} == {
        ("thinker", 2),
        ("processor", 2),
        ("executor", 2),
    }
    assert table.checklists[CHECKLIST] == 1
    assert table.checklists["protocols/coding/planning.yaml"] == 2


def test_every_rule_without_a_remedy_has_a_check_and_where_it_can_be_said_an_advice() -> None:
    remedies = {remedy.id: remedy for remedy in load_catalogue(ROOT).remedies}
    check, advice = remedies["rule-ruff-f841-check"], remedies["rule-ruff-f841-advice"]
    assert (check.kind, check.text, check.answers) == ("check", "ruff:F841", ("rule=ruff:F841",))
    assert advice.text == "Mind the rule F841 of ruff (unused variable) in every line that is changed."
    assert "rule-bandit-b102-check" in remedies
    assert "rule-bandit-b102-advice" not in remedies
    assert "rule-ruff-b006-check" not in remedies
