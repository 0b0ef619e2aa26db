"""Transfer: what was learned in one domain, suggested for another that shares the kind of work.

Nodes of the taxonomy that belong to no one domain, such as `validate_input`, have descendants in several. A pattern at
such a node, or below it in one domain, may hold below it in the next one. It is a suggestion and no more: a fresh
hypothesis without any support, which earns its evidence there or is never proposed.
"""

from collections.abc import Iterable, Iterator, Mapping

from bot.model.action import ActionNode
from bot.model.ids import ActionId
from bot.model.pattern import NODE, Candidate, Context, ContextLiteral, Hypothesis, Pattern, Support, Table

TRAVELS = frozenset({"model"})
"""Features that mean the same in every domain; a language, a repository or a kind of file does not."""
DOMAIN = "domain"
LEARNED = frozenset({"proposed", "merged"})
NO_SUPPORT = Support(Table(0, 0, 0, 0), lift=0.0, p_value=1.0, productive_p=1.0, repositories=0, days=0, labellers=0)


def transferred(patterns: Iterable[Pattern], nodes: Mapping[ActionId, ActionNode]) -> tuple[Candidate, ...]:
    """For each pattern that was proposed, its hypothesis in every other domain below the nearest node they share.

    In a domain it is made at the highest nodes there: from `validate_input`, which all domains share, to whatever is
    directly below it in each of them. Each hypothesis comes once, in the order of `patterns`.
    """
    found: dict[Hypothesis, Candidate] = {}
    for pattern in patterns:
        if pattern.status in LEARNED:
            for hypothesis in _elsewhere(pattern.registration.hypothesis, nodes):
                found.setdefault(hypothesis, Candidate(hypothesis, NO_SUPPORT, "transfer"))
    return tuple(found.values())


def _elsewhere(hypothesis: Hypothesis, nodes: Mapping[ActionId, ActionNode]) -> Iterator[Hypothesis]:
    values = {literal.feature: literal.value for literal in hypothesis.context}
    node = nodes.get(ActionId(values.get(NODE, "")))
    if node is None:
        return
    shared = _shared(node, nodes)
    if shared is None:
        return
    known = {values.get(DOMAIN), node.domain, shared.domain}
    kept = tuple(literal for literal in hypothesis.context if literal.feature in TRAVELS)
    for top in nodes.values():
        if top.parent == shared.id and top.domain not in known:
            yield Hypothesis(hypothesis.kind, _context(kept, top.id), hypothesis.signature)


def _context(kept: Context, node: ActionId) -> Context:
    return tuple(sorted((*kept, ContextLiteral(NODE, node))))


def _shared(node: ActionNode, nodes: Mapping[ActionId, ActionNode]) -> ActionNode | None:
    """The nearest node, itself among them, directly below which several domains begin."""
    here: ActionNode | None = node
    while here is not None:
        if len({each.domain for each in nodes.values() if each.parent == here.id} - {here.domain}) > 1:
            return here
        here = nodes[here.parent] if here.parent is not None else None
    return None
