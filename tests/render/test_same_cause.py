"""What one cause does to many objects is listed in every format, and harm decides the order."""

from __future__ import annotations

import msgspec
import pytest

from ckaudit.engine.sort_and_filter import order
from ckaudit.model.findings import Harm, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.render.formats import FORMATS, render_bytes
from tests.render.results import finding, normal

EMAILS = tuple(ObjectRef("email", f"Letter {number}", number) for number in range(1, 25))


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if not (form.is_binary or form.for_files)])
def test_every_format_of_findings_lists_the_further_objects(name: str) -> None:
    folded = msgspec.structs.replace(
        finding("CK501", EMAILS[0], "It is so. The same holds for 23 other emails."), same_cause=EMAILS[1:], related=EMAILS[1:]
    )
    text = render_bytes(msgspec.structs.replace(normal(), findings=(folded,)), name).decode()
    assert [item.name for item in EMAILS if item.name not in " ".join(text.split())] == []


def test_of_two_findings_of_one_severity_the_worse_harm_comes_first_and_people_decide_within_it() -> None:
    found = [
        finding("CK501", EMAILS[number], "m", harm=harm, people=people, severity=severity)
        for number, (harm, people, severity) in enumerate(
            [
                (Harm.ANNOYANCE, 900, Severity.ERROR),
                (Harm.MONEY, 5, Severity.ERROR),
                (Harm.LEAK, 7, Severity.ERROR),
                (Harm.LOCKED_OUT, 2, Severity.ERROR),
                (Harm.LOCKED_OUT, 90, Severity.WARNING),
                (Harm.LOCKED_OUT, 40, Severity.ERROR),
            ]
        )
    ]
    assert [item.object.id for item in sorted(found, key=order)] == [6, 4, 3, 2, 1, 5]
