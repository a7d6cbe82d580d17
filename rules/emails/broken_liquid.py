"""Finds Liquid that Kit cannot run.

What it finds
-------------
Braces that are never closed or lost one, blocks without their end (``{% if … %}`` without ``{% endif %}``), expressions Liquid cannot read,
tags Liquid does not have, formatting that got inside the braces, and typographic quotes where Liquid needs straight ones. HTML entities are
read as the characters they stand for. Liquid inside an HTML comment is noted, because Kit runs it all the same; comments that hold
nothing but ``{% … %}`` tags, and those for a single mail program, are left alone.

Why it matters
--------------
Readers see the code itself, get the wrong half of the text, or the email is not sent at all; Kit does not document which. An
email full of
braces to people who just paid looks like a scam.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Delete the Liquid named in the finding.
3. Type it again by hand, or paste it as plain text (Ctrl+Shift+V, on a Mac Cmd+Shift+V). Do not format parts of it.
4. Use straight quotes (") and close every block with its end tag.
5. Save it, and send the email to yourself.

When to ignore it
-----------------
The email explains Liquid to its readers and shows the code on purpose.

Sources
-------
- Liquid in Kit: https://help.kit.com/en/articles/2502501 and https://help.kit.com/en/articles/2502633
- The language: https://shopify.github.io/liquid/
- Liquid in comments is run: seen in a public repository of a Kit user; Kit's own pages do not say
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, content

_OPEN = "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets)."

RULE = Rule(
    code="CK510",
    name="broken-liquid",
    title="An email has Liquid that cannot be run",
    passing="All Liquid in emails can be read",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=10,
    variants={
        "unclosed": Variant("An email has Liquid that is never closed"),
        "unbalanced": Variant("An email has a Liquid block without its beginning or end"),
        "unparsable": Variant("An email has Liquid that cannot be read"),
        "unknown-tag": Variant(
            "An email uses a Liquid tag that does not exist",
            fix=(
                _OPEN,
                "Delete the tag quoted in the finding, or write the one that was meant.",
                "Save it, and send the email to yourself.",
            ),
        ),
        "markup": Variant("Formatting got inside the Liquid of an email"),
        "smart-quotes": Variant(
            "Liquid in an email has typographic quotes",
            fix=(
                _OPEN,
                "Delete the Liquid quoted in the finding, and paste it as plain text (Ctrl+Shift+V, on a Mac Cmd+Shift+V).",
                'Type the quotes again as straight ones (").',
                "Save it, and send the email to yourself.",
            ),
        ),
        "lost-brace": Variant("Liquid in an email has lost a brace"),
        "in-comment": Variant(
            "Liquid in a comment of an email is run all the same",
            Severity.INFO,
            (
                _OPEN,
                "Open the HTML in which the comment quoted in the finding stands, and delete the comment.",
                "Save it, and send the email to yourself.",
            ),
        ),
    },
)

_SHOWN = "Readers see the code, or the email is not sent."
HARM = {
    content.ProblemKind.UNCLOSED: _SHOWN,
    content.ProblemKind.UNBALANCED: "Part of the text goes to the wrong people, or the email is not sent.",
    content.ProblemKind.UNPARSABLE: _SHOWN,
    content.ProblemKind.UNKNOWN_TAG: _SHOWN,
    content.ProblemKind.MARKUP: "Readers see the code instead of what it stands for.",
    content.ProblemKind.SMART_QUOTES: "The condition never holds and a fallback never shows.",
    content.ProblemKind.LOST_BRACE: "Readers see the code instead of what it stands for.",
    content.ProblemKind.IN_COMMENT: "Nobody sees what comes of it, and a slip in it breaks the whole email.",
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text and kind of problem: the first place, and how many more there are."""
    for document in graph.contents.documents:
        for kind in content.ProblemKind:
            problems = [problem for problem in document.problems if problem.kind is kind]
            if problems:
                yield _finding(document, kind, problems)


def _finding(document: content.Document, kind: content.ProblemKind, problems: list[content.LiquidProblem]) -> Finding:
    first = problems[0]
    more = f" The same happens {len(problems) - 1} more {'time' if len(problems) == 2 else 'times'}." if len(problems) > 1 else ""
    part = f" (in the {first.position.part})" if document.owner and first.position.part != "content" else ""
    return Finding(
        object=document.object,
        variant=kind,
        confidence=Confidence.LIKELY if kind in {content.ProblemKind.UNKNOWN_TAG, content.ProblemKind.IN_COMMENT} else Confidence.CERTAIN,
        message=f"{document.label} has “{first.excerpt}”{part}: {first.detail}. {HARM[kind]}{more}",
        related=document.related,
        path=tuple(problem.position.step(problem.excerpt) for problem in problems[:5]),
        cause="\n".join(sorted({problem.excerpt for problem in problems})),
    )
