"""What an audit says of one automation in the making."""

from __future__ import annotations

from ckaudit.graph.words import headcount
from ckaudit.model.errors import CkauditError
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.render.plain import plural
from ckaudit.workbench.judge import Judge, about
from ckaudit.workbench.messages import Found, Judged
from ckaudit.workbench.places import Candidate


def judged(judge: Judge, candidate: Candidate, left_out: int) -> Judged:
    """The findings about the automation of a candidate, the worst first. ``left_out``: so many of its lines mean nothing yet."""
    try:
        result = judge.audit(judge.manifest(candidate.texts))
    except CkauditError as error:
        return Judged(problem=str(error))
    file = str(candidate.path)
    found = [_found(finding) for finding in result.findings if about(finding, file, candidate.first, candidate.last)]
    return Judged(tuple(found), " ".join(filter(None, [_left_out(left_out), _unjudged(result)])))


def _found(finding: ReportedFinding) -> Found:
    people = f"{headcount(finding.people)} who {finding.people_who}" if finding.people and finding.people_who else ""
    return Found(finding.rule, str(finding.severity), finding.title, finding.message, people, finding.fix)


def _left_out(count: int) -> str:
    return plural(count, "{n} problem above leaves a line out.", "{n} problems above leave lines out.") if count else ""


def _unjudged(result: Result) -> str:
    """What the audit could not judge: nothing found is not "all is well"."""
    count = len(result.not_evaluated) + len(result.crashed)
    if not count:
        return ""
    rules = "1 rule" if count == 1 else f"{count} rules"
    return f"{rules} could not be judged yet. What is not described or was not read may be the reason; `ckaudit scan` says why for each."
