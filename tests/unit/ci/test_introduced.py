"""Which findings are new: not those that moved, not those that were renamed with their file."""

from bot.ci.introduced import introduced
from bot.model.report import LintFinding


def finding(line: int, rule: str = "F401", path: str = "a.py", message: str = "unused") -> LintFinding:
    return LintFinding("ruff", rule, path, line, message)


def test_a_finding_that_moves_is_old_and_a_second_like_it_is_new() -> None:
    base_lines = {"a.py": ["import os", "x  =  1"]}
    head_lines = {"a.py": ["", "import os", "import os", "x = 2"]}

    found = introduced([finding(2), finding(3)], [finding(1)], head_lines, base_lines)

    assert found == (finding(3),)


def test_numbers_and_spaces_count_for_nothing_and_rules_for_everything() -> None:
    base_lines = {"a.py": ["x  =  eval('1')"]}
    head_lines = {"a.py": ["x = eval('2')"]}

    assert introduced([finding(1)], [finding(1)], head_lines, base_lines) == ()
    assert introduced([finding(1, "S307")], [finding(1)], head_lines, base_lines) == (finding(1, "S307"),)


def test_a_finding_of_another_file_excuses_only_where_that_file_is_gone() -> None:
    lines = {"a.py": ["import os"]}
    moved = finding(1, path="b.py")

    assert introduced([moved], [finding(1)], {"b.py": ["import os"]}, lines) == ()
    assert introduced([moved], [finding(1)], {"b.py": ["import os"], **lines}, lines) == (moved,)


def test_a_finding_outside_the_known_lines_is_known_by_its_message() -> None:
    head = [finding(0), finding(99), finding(1, path="elsewhere.py")]

    assert introduced(head, [finding(0)], {"a.py": []}, {"a.py": []}) == (head[1], head[2])
