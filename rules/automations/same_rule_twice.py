"""Finds rules that are there several times.

What it finds
-------------
Enabled rules with the same triggers and the same actions as another one. Link addresses count as the same without ``utm_`` parameters and
a slash at the end. All of them are one finding.

Why it matters
--------------
Every “tag who clicks” in an email makes a rule of its own, without a name. Today the doubles do no harm: what is done twice has been done.
One day somebody changes or switches off one of them, and the other goes on as before.

How to fix it in Kit
--------------------
1. Open Automate → Rules and look for the rules named in this finding. Each opens with its triggers and actions.
2. Keep one of each, and give it a name that says what it is for.
3. Switch the others off. Emails with the link keep working, because the one that is left hears every click on it.

When to ignore it
-----------------
You are about to delete them anyway. It cannot see rules that the manifest leaves out.

Sources
-------
- Rules: https://help.kit.com/en/articles/6611507
- Each inline link trigger makes its own, unnamed rule; old accounts have hundreds: https://elizabethgoddard.co.uk
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Finding,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Severity,
    Theme,
    name_list,
    signal_of,
)

RULE = Rule(
    code="CK323",
    name="same-rule-twice",
    title="Some rules are there several times",
    passing="No rule is there twice",
    severity=Severity.INFO,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.RULE,
    effort_minutes=20,
    unseen="links between people's timestamps do not say how many rules there are",
    nothing="no rule is known",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for all doubles."""
    alike: dict[frozenset[object], list[tuple[Cause, ...]]] = {}
    for _, causes, what in _rules(graph):
        alike.setdefault(what, []).append(causes)
    groups = [group for group in alike.values() if len(group) > 1]
    if groups:
        yield _finding(graph, groups)


def judged(graph: Graph) -> Iterable[Key]:
    """The enabled rules."""
    return [key for key, _, _ in _rules(graph)]


def _rules(graph: Graph) -> Iterator[tuple[Key, tuple[Cause, ...], frozenset[object]]]:
    """Each enabled rule with its actions, and what it waits for and does."""
    for index, rule in enumerate(graph.manifest.rules):
        key = Key(Kind.RULE, index)
        causes = graph.causes.by(key) if rule.enabled else ()
        if causes:
            waits = {signal_of(when) for when in rule.when}
            yield key, causes, frozenset({*waits, *((cause.effect, cause.target, cause.value) for cause in causes)})


def _finding(graph: Graph, groups: list[list[tuple[Cause, ...]]]) -> Finding:
    rules = [causes[0] for group in groups for causes in group]
    doubles = len(rules) - len(groups)
    targets = list(dict.fromkeys(cause.target for group in groups for cause in group[0]))
    names = name_list(graph.object(key).name for key in targets)
    does = "rule does what another one does" if doubles == 1 else "rules do what others do"
    return Finding(
        object=rules[0].object,
        message=f"{doubles} {does} already, on the same trigger; it is about {names}.",
        confidence=Confidence.CERTAIN,
        related=tuple(dict.fromkeys((*(cause.object for cause in rules[1:]), *map(graph.object, targets)))),
        location=rules[0].location,
    )
