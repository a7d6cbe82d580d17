"""A rule's docstring as documentation: fixed headings, read once and used by ``explain``, reports and docs."""

from __future__ import annotations

import inspect
import re

import msgspec

HEADINGS = ("What it finds", "Why it matters", "How to fix it in Kit", "When to ignore it", "Sources")

_STEP = re.compile(r"^(\d+)\.\s+(.*)", re.DOTALL)
_BULLET = re.compile(r"^[-*]\s+(.*)", re.DOTALL)


class RuleDocs(msgspec.Struct, frozen=True):
    """The parts of a rule's docstring. Paragraphs are separated by an empty line; ``fix`` and ``sources`` are lists of one-line texts."""

    summary: str
    finds: str
    why: str
    fix: tuple[str, ...]
    ignore: str
    sources: tuple[str, ...]


class DocProblem(msgspec.Struct, frozen=True):
    """What is wrong with a docstring, and in which of its lines (from 0)."""

    line: int
    message: str


class _Section(msgspec.Struct):
    heading: str
    line: int
    lines: list[str]


def parse_docs(docstring: str) -> RuleDocs | tuple[DocProblem, ...]:
    """Read a docstring, or say everything that is wrong with it. Words in double back-quotes, as docstrings have them, get single ones:
    most of those who read them see no Markdown."""
    top, sections = _sections(inspect.cleandoc(docstring).replace("``", "`").split("\n"))
    found = tuple(section.heading for section in sections)
    if found != HEADINGS:
        return (_wrong_headings(sections),)
    problems = [DocProblem(section.line, f"the section “{section.heading}” is empty") for section in sections if not _paragraphs(section)]
    if not " ".join(top).strip():
        problems.append(DocProblem(0, "the docstring must begin with one sentence"))
    finds, why, fix, ignore, sources = sections
    steps = _items(fix, _STEP, "numbered clicks: “1. Open …”", problems)
    bullets = _items(sources, _BULLET, "a list: “- Kit help article …”", problems)
    numbers = [int(step[1]) for step in steps]
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(DocProblem(fix.line, f"the clicks under “{fix.heading}” must be numbered 1., 2., 3."))
    if problems:
        return tuple(problems)
    return RuleDocs(
        " ".join(" ".join(top).split()),
        "\n\n".join(_paragraphs(finds)),
        "\n\n".join(_paragraphs(why)),
        tuple(step[2] for step in steps),
        "\n\n".join(_paragraphs(ignore)),
        tuple(bullet[1] for bullet in bullets),
    )


def _sections(lines: list[str]) -> tuple[list[str], list[_Section]]:
    """The lines above the first heading, and the sections. A heading is a line underlined with dashes."""
    top: list[str] = []
    sections: list[_Section] = []
    index = 0
    while index < len(lines):
        under = lines[index + 1] if index + 1 < len(lines) else ""
        if lines[index].strip() and re.fullmatch(r"-{3,}\s*", under):
            sections.append(_Section(lines[index].strip(), index, []))
            index += 2
            continue
        (sections[-1].lines if sections else top).append(lines[index])
        index += 1
    return top, sections


def _wrong_headings(sections: list[_Section]) -> DocProblem:
    for section, expected in zip(sections, HEADINGS, strict=False):
        if section.heading != expected:
            return DocProblem(section.line, f"expected the heading “{expected}” here, found “{section.heading}”")
    if len(sections) > len(HEADINGS):
        return DocProblem(sections[len(HEADINGS)].line, f"“{HEADINGS[-1]}” must be the last heading")
    return DocProblem(0, f"the docstring lacks the heading “{HEADINGS[len(sections)]}”, underlined with dashes")


def _paragraphs(section: _Section) -> list[str]:
    blocks = re.split(r"\n\s*\n", "\n".join(section.lines))
    return [" ".join(block.split()) for block in blocks if block.strip()]


def _items(section: _Section, pattern: re.Pattern[str], expected: str, problems: list[DocProblem]) -> list[re.Match[str]]:
    """The list items of a section; indented lines continue the item above them."""
    texts: list[str] = []
    for offset, line in enumerate(section.lines):
        if not line.strip():
            continue
        if line[0].isspace() and texts:
            texts[-1] += " " + line.strip()
        elif pattern.match(line):
            texts.append(line.strip())
        else:
            problems.append(DocProblem(section.line + 2 + offset, f"under “{section.heading}” expected {expected}"))
            return []
    return [match for text in texts if (match := pattern.fullmatch(text))]
