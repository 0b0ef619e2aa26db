"""What workflows hand to a branch of the bot: everything but what is certainly excluded, by every way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ci.exposure import SAMPLE_BRANCH, exposure, unaccepted
from bot.model.exposure import REFUSED, Exposed, Exposure

PATH = ".github/workflows/ci.yml"
STEP = "steps: [{run: make, env: {T: '${{ secrets.TOKEN }}'}}]"
JOB = f"jobs: {{a: {{runs-on: ubuntu-latest, {STEP}}}}}"


def seen(*texts: str, actor: str = "fractal-rmo[bot]", repository: str = "acme/tool") -> Exposure:
    files = {PATH if not place else f".github/workflows/{place}.yml": text for place, text in enumerate(texts)}
    return exposure(files, default_branch="main", actor=actor, repository=repository)


def job(fields: str) -> Exposure:
    """What a job with these fields is handed on every push."""
    return seen(f"on: push\npermissions: {{}}\njobs: {{a: {{{fields}}}}}")


@pytest.mark.parametrize(
    "on",
    [
        "push",
        "[push]",
        "create",
        "{push: }",
        "{push: {branches: ['**']}}",
        "{push: {branches: ['rmo/**']}}",
        "{push: {branches: ['rmo/issue-[0-9]+-?1']}}",
        "{push: {branches: 'r*/*'}}",
        "{push: {branches: ['rm+o/is+ue-**']}}",
        "{push: {branches: [main, '!main', '*/*']}}",
        "{push: {branches: ['[z-a]']}}",  # not a pattern: what it fits is not certain
        "{push: {branches-ignore: [main, '*', '[z-a]']}}",
        "{push: {branches-ignore: ['**', '!rmo/**']}}",
        "{push: {branches: [main], tags: ['v*']}, pull_request: }",
        "{push: {paths: [docs/**]}}",  # what a change touches is not known
        "{push: {paths-ignore: ['**']}}",
        "pull_request",
        "{pull_request: {branches: [main]}}",
        "{pull_request: {types: [labeled]}}",
        "pull_request_target",
        "{pull_request_target: {branches: ['ma*']}}",
        "pull_request_review",
        "pull_request_review_comment",
        "{workflow_run: {workflows: [Somebody else's]}}",
    ],
)
def test_what_a_branch_of_the_bot_brings_about(on: str) -> None:
    assert seen(f"on: {on}\n{JOB}").secrets == {"TOKEN"}


@pytest.mark.parametrize(
    "on",
    [
        "workflow_dispatch",
        "[schedule, release, workflow_call, merge_group]",
        "[{push: }]",
        "{push: {branches: [main]}}",
        "{push: {branches: ['*']}}",
        "{push: {branches: ['rmo/**', '!rmo/**']}}",
        "{push: {branches: ['rmo/issue-1-', 'rmo/issue-1-1+1', 'xrmo/**', 'rmo/**/1']}}",
        "{push: {branches: ['!rmo/**', '![z-a]']}}",
        "{push: {branches-ignore: ['rmo/**']}}",
        "{push: {branches-ignore: ['**/issue*']}}",
        "{push: {tags: ['**']}}",
        "{push: {tags-ignore: [v1]}}",
        "{pull_request: {branches: [release/*]}}",
        "{pull_request: {branches-ignore: [main]}}",
        "{pull_request_target: {branches: [release/*]}}",
        "{workflow_run: {workflows: [Somebody else's], branches: [main]}}",
        "{workflow_run: {}}",
        "",
    ],
)
def test_what_it_does_not(on: str) -> None:
    found = seen(f"on: {on}\n{JOB}")
    assert (found.secrets, found.workflows) == (frozenset(), ())


@pytest.mark.parametrize(
    ("on", "asked"),
    [
        ("push", "false"),
        ("push", "${{ false }}"),
        ("push", "github.ref == 'refs/heads/main'"),
        ("push", "${{ github.ref_name == github.event.repository.default_branch }}"),
        ("push", "always() && GITHUB.REF == 'refs/heads/main'"),
        ("push", "startsWith(github.ref, 'refs/tags/')"),
        ("push", "!startsWith(github.ref_name, 'rmo/')"),
        ("push", "!(startsWith(github['ref_name'], 'RMO/') || false)"),
        ("push", "github.actor != 'fractal-rmo[bot]'"),
        ("push", 'contains(fromJSON(\'["main", "dev"]\'), github.ref_name)'),
        ("push", "github.event_name == 'pull_request'"),
        ("push", "github.event.pull_request.draft"),
        ("push", "inputs.deploy"),
        ("push", "github.event.inputs.level > 3 && false"),
        ("push", "secrets.NONE != '' && null"),
        ("push", "github.run_number && ''"),
        ("push", "(0 || '') == 1"),
        ("push", "0x0"),
        ("push", "'it''s' == 'its'"),
        ("push", "false && github.run_number"),
        ("push", "endsWith(github.ref, '/main')"),
        ("push", "null == 'x'"),
        ("push", "true != 1"),
        ("push", "fromJSON('false')"),
        ("pull_request", "github.ref == 'refs/heads/main'"),
        ("pull_request", "github.event.pull_request.merged == true"),
        ("pull_request", "github.event.pull_request.head.repo.fork"),
        ("pull_request", "github.event.pull_request.head.repo.full_name != github.repository"),
        ("pull_request", "!startsWith(github.head_ref || github.ref_name, 'rmo/')"),
        ("pull_request", "github.event.pull_request.user.login != 'fractal-rmo[bot]'"),
        ("pull_request_target", "github.actor == 'dependabot[bot]'"),
        ("pull_request_target", "github.base_ref != 'main' && github.run_number"),
        ("{workflow_run: {workflows: [x]}}", "github.event.workflow_run.head_branch == 'main'"),
    ],
)
def test_conditions_that_certainly_exclude(on: str, asked: str) -> None:
    quoted = asked.replace("'", "''")
    found = seen(f"on: {on}\njobs: {{a: {{if: '{quoted}', runs-on: ubuntu-latest, {STEP}}}}}")
    assert found.secrets == frozenset()


@pytest.mark.parametrize(
    ("on", "asked"),
    [
        ("push", ""),
        ("push", "true"),
        ("push", "success()"),
        ("push", "github.ref != 'refs/heads/main'"),
        ("push", "github.actor != 'somebody'"),
        ("push", "github.run_number > 3"),
        ("push", "github.triggering_actor != 'fractal-rmo[bot]'"),
        ("push", "vars.DEPLOY == 'yes' || github.ref == 'refs/heads/main'"),
        ("push", "!vars.DEPLOY"),
        ("push", "vars.DEPLOY != 'yes' && true"),
        ("push", "true || vars.DEPLOY"),
        ("push", "${{ false }} && ${{ false }}"),  # a text, and so true
        ("push", "${{ false"),
        ("push", "${{ vars.X }} or"),
        ("push", "false)"),
        ("push", "(false"),
        ("push", "false ="),
        ("push", "fromJSON('{')"),
        ("push", "fromJSON('{}')"),
        ("push", "contains(fromJSON('[{}]'), 'x')"),
        ("push", "contains(github.ref, 'ISSUE')"),
        ("push", "contains(fromJSON('[1, \"rmo\"]'), 'RMO')"),
        ("push", "fromJSON('[1]') == 1"),
        ("push", "github[vars.X] == 'x'"),
        ("push", "github.*.x == 'x'"),
        ("push", "join('a', 'b') == 'c'"),
        ("push", "contains('a' 'b')"),
        ("push", "!" * 40 + "false"),
        ("push", "github.ref."),
        ("push", "=="),
        ("pull_request", "github.actor != 'fractal-rmo[bot]'"),  # a person may reopen what the bot wrote
        ("pull_request", "github.event.pull_request.merged == false"),
        ("[push, pull_request]", "github.event_name == 'pull_request'"),
        ("[push, pull_request]", "github.event_name == 'push'"),
    ],
)
def test_conditions_that_may_hold(on: str, asked: str) -> None:
    quoted = asked.replace("'", "''")
    found = seen(f"on: {on}\njobs: {{a: {{if: '{quoted}', runs-on: ubuntu-latest, {STEP}}}}}")
    assert found.secrets == {"TOKEN"}


def test_less_is_certain_where_the_bot_is_not_known() -> None:
    text = f"on: push\njobs: {{a: {{if: \"github.actor != 'fractal-rmo[bot]'\", runs-on: ubuntu-latest, {STEP}}}}}"
    assert seen(text, actor="").secrets == {"TOKEN"}
    assert seen(text).secrets == frozenset()
    text = f"on: push\njobs: {{a: {{if: \"github.repository != 'acme/tool'\", runs-on: ubuntu-latest, {STEP}}}}}"
    assert seen(text, repository="").secrets == {"TOKEN"}


def test_a_job_falls_with_the_one_it_needs_unless_it_asks_how_that_ended() -> None:
    text = """
on: push
jobs:
  a: {if: false, runs-on: ubuntu-latest, steps: [{run: "${{ secrets.A }}"}]}
  b: {needs: a, runs-on: ubuntu-latest, steps: [{run: "${{ secrets.B }}"}]}
  c: {needs: [b, a], runs-on: ubuntu-latest, steps: [{run: "${{ secrets.C }}"}]}
  d: {needs: c, if: always(), runs-on: ubuntu-latest, steps: [{run: "${{ secrets.D }}"}]}
  e: {needs: d, runs-on: ubuntu-latest, steps: [{run: "${{ secrets.E }}"}]}
"""
    assert seen(text).secrets == {"D", "E"}


def test_a_workflow_that_follows_another_runs_where_that_one_does() -> None:
    after = "on: {workflow_run: {workflows: [%s]}}\nname: %s\n" + JOB.replace("TOKEN", "%s")
    pushed = "on: push\nname: CI\njobs: {}"
    silent = "on: release\nname: Release\njobs: {}"
    found = seen(pushed, silent, after % ("CI", "Report", "ONE"), after % ("Report", "Last", "TWO"))
    assert found.secrets == {"ONE", "TWO"}
    assert seen(pushed, silent, after % ("Release", "Report", "ONE")).secrets == frozenset()
    both = "on: {push: , workflow_run: {workflows: [CI]}}\n" + JOB
    assert seen(pushed, both.replace("make", "'${{ secrets.X }}'")).secrets == {"TOKEN", "X"}
    only_after = JOB.replace("runs-on", "if: \"github.event_name == 'workflow_run'\", runs-on")
    assert seen(pushed, "on: {push: , workflow_run: {workflows: [CI]}}\n" + only_after).secrets == {"TOKEN"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("${{ secrets.ONE }}", {"ONE"}),
        ("a ${{ secrets.one }} b ${{secrets['Two']}}", {"ONE", "TWO"}),
        ("${{ format('}}', secrets.ONE) }}", {"ONE"}),
        ("${{ github.secrets.X || inputs.secrets }}", set[str]()),
        ("${{ secrets.GITHUB_TOKEN }} ${{ github.token }}", set[str]()),
        ("secrets.ONE", set[str]()),
        ("${{ 'secrets.ONE' }}", set[str]()),
        ("${{", set[str]()),
        ("${{ toJSON(secrets) }}", None),
        ("${{ secrets[matrix.name] }}", None),
        ("${{ secrets.* }}", None),
        ("${{ secrets", None),
    ],
)
def test_names_of_secrets(text: str, names: set[str] | None) -> None:
    quoted = text.replace("'", "''")
    found = job(f"runs-on: ubuntu-latest, steps: [{{with: {{a: ['{quoted}']}}}}]")
    assert found.secrets == (names or set())
    assert [each.kind for each in found.refusals] == (["every_secret"] if names is None else [])


def test_what_stands_above_the_jobs_is_handed_to_those_that_run() -> None:
    above = "on: push\nenv: {A: '${{ secrets.ABOVE }}'}\njobs: {a: {%s runs-on: ubuntu-latest}}"
    assert seen(above % "").handed == (Exposed(PATH, "", "secret", "ABOVE"),)
    assert seen(above % "if: false,").secrets == frozenset()


@pytest.mark.parametrize(
    "label",
    [
        "ubuntu-latest",
        "[ubuntu-24.04-arm]",
        "macos-15-xlarge",
        "Windows-2025",
        "{labels: [ubuntu-22.04]}",
        "${{ inputs.on || 'ubuntu-latest' }}",
        "${{ fromJSON('[\"ubuntu-latest\"]') }}",
        "${{ matrix.os }}, strategy: {matrix: {os: [ubuntu-latest, macos-14]}}",
        "${{ matrix.os }}, strategy: {matrix: {include: [{os: ubuntu-latest}, {os: windows-latest}]}}",
        "ubuntu-${{ matrix.v }}, strategy: {matrix: {v: ['22.04'], include: [{x: 1}]}}",
        "${{ matrix.on }}, strategy: {matrix: {on: [[ubuntu-latest], [macos-14]]}}",
        "${{ matrix.a.os }}, strategy: {matrix: {a: [{os: ubuntu-latest, x: 1}], b: [1, 2]}}",
        "${{ matrix.mac && 'macos-14' || 'ubuntu-latest' }}, strategy: {matrix: {mac: ['', 'yes']}}",
    ],
)
def test_machines_of_githubs_own(label: str) -> None:
    assert job(f"runs-on: {label}" if "{" in label[:1] or "[" in label[:1] else _quoted(label)).refusals == ()


TWICE = "ubuntu-${{ matrix.a == matrix.b && 'latest' || 'latest' }}"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("self-hosted", "self-hosted"),
        ("[self-hosted, linux]", "self-hosted"),
        ("[ubuntu-latest, gpu]", "gpu"),
        ("ubuntu-latest-16-cores", "ubuntu-latest-16-cores"),
        ("{group: big}", "group big"),
        ("{group: [big]}", "a group"),
        ("{labels: ours}", "ours"),
        ("[[ubuntu-latest]]", "?"),
        ("[]", ""),
        ("", "?"),
        ("${{ vars.RUNNER }}", "${{ vars.RUNNER }}"),
        ("${{ vars.RUNNER }}-x", "${{ vars.RUNNER }}-x"),
        ("${{ 1.5 }}", "1.5"),
        ("${{ true }}${{ null }}", "true"),
        ("${{ matrix.os }}, strategy: {matrix: {os: [ubuntu-latest, ours]}}", "ours"),
        ("${{ matrix.os }}, strategy: {matrix: '${{ fromJSON(vars.X) }}'}", "${{ matrix.os }}"),
        ("${{ matrix.os }}, strategy: {matrix: {os: '${{ vars.X }}'}}", "${{ matrix.os }}"),
        ("${{ matrix.os }}, strategy: {matrix: {os: [a], include: '${{ vars.X }}'}}", "${{ matrix.os }}"),
        ("${{ matrix.os }}", "${{ matrix.os }}"),
        ("${{ matrix.os.x }}, strategy: {matrix: {os: [ubuntu-latest]}}", "${{ matrix.os.x }}"),
        ("${{ matrix.os }}, strategy: {matrix: {os: [{x: y}]}}", "${{ matrix.os }}"),
        ("${{ matrix.os }}, strategy: {matrix: {os: [[[a]]]}}", "${{ matrix.os }}"),
        ("${{ matrix['os'] }}, strategy: {matrix: {os: [ubuntu-latest]}}", "${{ matrix['os'] }}"),
        (
            f"{TWICE}, strategy: {{matrix: {{a: &many [{', '.join(map(str, range(20)))}], b: *many}}}}",
            TWICE,
        ),
    ],
)
def test_other_machines(label: str, said: str) -> None:
    found = job(f"runs-on: {label}" if label[:1] in ("[", "{", "") else _quoted(label))
    assert found.refusals == (Exposed(PATH, "a", "runner", said),)


def _quoted(label: str) -> str:
    value, comma, more = label.partition(", strategy")
    return f'runs-on: "{value.replace(chr(34), chr(92) + chr(34))}"{comma}{more}'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("production", "production"),
        ("{name: production, url: x}", "production"),
        ("'${{ vars.E }}'", "${{ vars.E }}"),
        ("'${{ github.ref_name == ''main'' && ''production'' || '''' }}'", None),
        ("''", None),
        ("{url: x}", None),
    ],
)
def test_environments(written: str, said: str | None) -> None:
    found = job(f"runs-on: ubuntu-latest, environment: {written}")
    assert found.refusals == (() if said is None else (Exposed(PATH, "a", "environment", said),))


@pytest.mark.parametrize(
    ("above", "own", "refused", "remarked"),
    [
        ("permissions: {id-token: write}", "", ["id-token"], []),
        ("permissions: {id-token: write}", "permissions: {contents: read},", [], []),
        ("permissions: read-all", "permissions: {id-token: write, issues: write},", ["id-token"], ["issues"]),
        ("permissions: write-all", "", ["id-token"], ["contents"]),
        ("permissions: {contents: read}", "", [], []),
        ("", "", [], ["no permissions are stated"]),
    ],
)
def test_tokens(above: str, own: str, refused: list[str], remarked: list[str]) -> None:
    found = seen(f"on: push\n{above}\njobs: {{a: {{{own} runs-on: ubuntu-latest}}}}")
    assert (
        [each.detail for each in found.refusals if each.kind == "oidc"]
        == refused
        == [each.detail for each in found.refusals]
    )
    assert [each.detail for each in found.warnings] == remarked


CALLED = """
on: workflow_call
jobs:
  b:
    runs-on: ${{ inputs.on || 'ubuntu-latest' }}
    environment: staging
    steps: [{run: "${{ secrets.DEEP }}"}]
  again: {uses: ./.github/workflows/1.yml, secrets: inherit}
"""


def test_a_called_workflow_of_the_repository_is_followed() -> None:
    call = "on: push\npermissions: {id-token: write}\njobs: {a: {uses: ./.github/workflows/1.yml%s}}"
    inherited = seen(call % ", secrets: inherit", CALLED)
    called = ".github/workflows/1.yml"
    assert inherited.handed == (Exposed(called, "b", "secret", "DEEP"),)
    assert {(each.job, each.kind) for each in inherited.refusals} == {
        ("b", "environment"),
        ("b", "oidc"),
        ("b", "runner"),  # what the caller puts in is not followed
    }
    assert seen(call % ", secrets: {DEEP: '${{ secrets.GIVEN }}'}", CALLED).secrets == {"GIVEN"}
    assert seen(call % "", CALLED).secrets == frozenset()
    assert inherited.workflows == (PATH,)


def test_a_workflow_of_another_repository_is_given_nothing_or_refused() -> None:
    call = "on: push\npermissions: {}\njobs: {a: {uses: acme/shared/.github/workflows/x.yml@v1%s}}"
    plain, inherits = seen(call % ""), seen(call % ", secrets: inherit")
    assert [(each.kind, each.detail) for each in plain.warnings] == [
        ("elsewhere", "acme/shared/.github/workflows/x.yml@v1")
    ]
    assert plain.refusals == plain.inherits == ()
    assert [each.kind for each in inherits.inherits] == ["inherit"]
    assert inherits.warnings == ()
    assert [each.kind for each in seen(call.replace("{}", "{id-token: write}") % "").refusals] == ["oidc"]
    missing = "on: push\npermissions: {}\njobs: {a: {uses: ./.github/workflows/none.yml}}"
    assert [each.kind for each in seen(missing).warnings] == ["elsewhere"]


@pytest.mark.parametrize(
    "text",
    [
        "on: [",
        "[]",
        "",
        "on: push",
        "jobs: {}",
        "on: push\njobs: []",
        "\x00",
        "? [a]\n: b",
        "&a [*a]",
        "[" * 600 + "]" * 600,
        "#" * 600_000,
    ],
)
def test_what_can_not_be_looked_at_is_refused(text: str) -> None:
    found = seen(text)
    assert found.unreadable == (PATH,)
    assert unaccepted(found, ["TOKEN"]) == found.refusals


def test_what_an_alias_stands_for_is_looked_at_once() -> None:
    lines = ["a0: &a0 ['${{ secrets.DEEP }}', '${{ secrets.DEEP }}']"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    grown = "on: push\nenv:\n  " + "\n  ".join(lines) + f"\n{JOB}"
    assert seen(grown).secrets == {"DEEP", "TOKEN"}


def test_secrets_are_accepted_by_name_and_nothing_else_is() -> None:
    found = seen("on: push\njobs: {a: {runs-on: ours, env: {A: '${{ secrets.A }}', B: '${{ secrets.B }}'}}}")
    assert found.secrets == {"A", "B"}
    assert [each.detail for each in unaccepted(found, ["a"])] == ["ours", "B"]
    assert [each.detail for each in unaccepted(found, ["A", "B", "ours", "*"])] == ["ours"]
    assert unaccepted(Exposure(), []) == ()


WORDS = st.sampled_from(
    [
        *"'.A[]() !,<-*\n",
        "secrets",
        "''",
        "${{",
        "}}",
        "==",
        "&&",
        "||",
        "github.ref",
        "0x1",
        "contains(",
        "matrix",
        "x",
    ]
)


@given(st.lists(WORDS, max_size=25).map("".join), st.sampled_from(["if", "runs-on", "environment", "env"]))
def test_any_text_is_looked_at(text: str, key: str) -> None:
    quoted = text.replace("'", "''")
    job(f"{key}: '{quoted}', strategy: {{matrix: {{x: [a, b]}}}}")


@given(st.sets(st.sampled_from(["A", "B", "C", "D"])), st.sets(st.sampled_from(["A", "B", "C", "D", "E"])))
def test_more_accepted_is_never_more_in_the_way(asked: set[str], accepted: set[str]) -> None:
    text = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [%s]}}"
    found = seen(text % ", ".join(f"'${{{{ secrets.{name} }}}}'" for name in sorted(asked)))
    assert {each.detail for each in unaccepted(found, accepted)} == asked - accepted
    assert all(each.kind in REFUSED or each.kind == "secret" for each in unaccepted(found, ()))


def test_the_sample_is_a_branch_of_the_bot() -> None:
    assert SAMPLE_BRANCH.startswith("rmo/")
