"""What the Liquid of an email means."""

from __future__ import annotations

import time

import pytest

from ckaudit.graph.content.model import MailPart, ProblemKind
from tests.graph.content.reading import document, names


@pytest.mark.parametrize(
    "content",
    [
        "{{ subscriber.city }}",
        "{{subscriber.city}}",
        "{{- subscriber.city -}}",
        "{{ subscriber['city'] }}",
        '{{ subscriber.city | default: "town" | upcase }}',
        "{{&nbsp;subscriber.city&nbsp;}}",
        "{{ subscriber.\u200bcity }}",
        "{{\n  subscriber.city\n}}",
        '<a href="{{ subscriber.city }}">x</a>',
        "<a href={{ subscriber.city }}>x</a>",
        "{% echo subscriber.city %}",
        "<!-- {{ subscriber.city }} -->",
        "{% if subscriber.id %}{{ subscriber.city }}{% endif %}",
    ],
)
def test_a_printed_name_is_found_however_it_is_written(content: str) -> None:
    read = document(content)
    assert names(read) == ["subscriber.city"]
    assert [problem for problem in read.problems if problem.kind is not ProblemKind.IN_COMMENT] == []


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        ("{{ subscriber.a }}", 1, 1),
        ("<p>Hi {{ subscriber.a }}", 1, 7),
        ("<p>\n\n  {{ subscriber.a }}", 3, 3),
        ("ä🎨{{ subscriber.a }}", 1, 3),
    ],
)
def test_a_position_is_that_of_the_first_brace(content: str, line: int, column: int) -> None:
    position = document(content).variables[0].position
    assert (position.part, position.line, position.column) == (MailPart.CONTENT, line, column)


def test_subject_and_preview_text_are_read_with_the_same_parser() -> None:
    read = document("{{ subscriber.c }}", subject="Hi {{ subscriber.a }}", preview="{% if subscriber.b %}x")
    assert [(variable.name, variable.position.part) for variable in read.variables] == [
        ("subscriber.a", MailPart.SUBJECT),
        ("subscriber.b", MailPart.PREVIEW),
        ("subscriber.c", MailPart.CONTENT),
    ]
    assert [problem.position.part for problem in read.problems] == [MailPart.PREVIEW]


@pytest.mark.parametrize(
    "content",
    [
        '{% if subscriber.tags contains "Q&A" %}x{% endif %}',
        "{% if subscriber.tags contains 'Q&A' %}x{% endif %}",
        "{% if subscriber.tags contains &quot;Q&amp;A&quot; %}x{% endif %}",
        '{% unless subscriber.tags contains "Q&A" %}x{% endunless %}',
        '{% if subscriber.id == 1 %}a{% elsif subscriber.tags contains "Q&A" or subscriber.id %}x{% endif %}',
        '{% assign mine = subscriber.tags %}{% if mine contains "Q&A" %}x{% endif %}',
        "{% if subscriber.tags contains “Q&A” %}x{% endif %}",
        '{% if subscriber["tags"] contains "Q&A" %}x{% endif %}',
    ],
)
def test_a_tag_in_a_condition_is_found(content: str) -> None:
    assert [test.name for test in document(content).tag_tests] == ["Q&A"]


@pytest.mark.parametrize(
    "content",
    [
        '{{ subscriber.first_name | default: "you" }}',
        "{% if subscriber.first_name %}{{ subscriber.first_name }}{% endif %}",
        "{% if subscriber.first_name == blank %}x{% else %}{{ subscriber.first_name }}{% endif %}",
        "{% unless subscriber.first_name == '' %}{{ subscriber.first_name }}{% endunless %}",
        "{% case subscriber.first_name %}{% when '' %}x{% else %}{{ subscriber.first_name }}{% endcase %}",
        '{% assign n = subscriber.first_name | default: "you" %}{{ n }}',
        '{% assign n = subscriber.first_name %}{{ n | default: "you" }}',
        '{% assign n = subscriber.first_name %}{% if n == "" %}{% assign n = "you" %}{% endif %}{{ n }}',
        "{% assign n = subscriber.first_name %}{% if subscriber.first_name %}{{ n }}{% endif %}",
        '{% capture n %}{{ subscriber.first_name | default: "you" }}{% endcapture %}{{ n }}',
    ],
)
def test_a_name_with_something_to_stand_in_for_it_is_guarded(content: str) -> None:
    printed = [variable for variable in document(content).variables if variable.printed and variable.name == "subscriber.first_name"]
    assert all(variable.guarded for variable in printed)


@pytest.mark.parametrize(
    "content",
    [
        "{{ subscriber.first_name }}",
        "{{ subscriber.first_name | capitalize }}",
        "{% if subscriber.city %}{{ subscriber.first_name }}{% endif %}",
        "{% if subscriber.first_name %}x{% endif %}{{ subscriber.first_name }}",
        "{% assign n = subscriber.first_name %}{{ n }}",
        "{% capture n %}{{ subscriber.first_name }}{% endcapture %}{{ n }}",
    ],
)
def test_a_bare_name_is_not_guarded(content: str) -> None:
    printed = [variable for variable in document(content).variables if variable.printed]
    assert [(variable.name, variable.guarded) for variable in printed] == [("subscriber.first_name", False)]


def test_what_the_mail_names_itself_is_local() -> None:
    content = "{% assign a = 1 %}{% capture b %}x{% endcapture %}{% for c in subscriber.tags %}{% endfor %}{% increment d %}"
    assert document(content).locals == {"a", "b", "c", "forloop", "d"}


@pytest.mark.parametrize(
    "content",
    [
        "{% comment %}{{ subscriber.a }}{% if %}{{ x y }}{% endcomment %}",
        "{% comment %}{% comment %}{{ a b }}{% endcomment %}{{ c d }}{% endcomment %}",
        "{% raw %}{{ subscriber.a }}{% nonsense %}{% endraw %}",
    ],
)
def test_comments_and_raw_blocks_say_nothing(content: str) -> None:
    read = document(content)
    assert (read.variables, read.problems) == ((), ())


@pytest.mark.parametrize(
    ("content", "kind", "excerpt"),
    [
        ("a {{ subscriber.a", ProblemKind.UNCLOSED, "{{ subscriber.a"),
        ("a {{ subscriber.a <p>b {{ subscriber.b }}", ProblemKind.UNCLOSED, "{{ subscriber.a"),
        ("{{ subscriber.a } b", ProblemKind.UNCLOSED, "{{ subscriber.a }"),
        ("{% if subscriber.a %", ProblemKind.UNCLOSED, "{% if subscriber.a %"),
        ("{% if subscriber.a %}b", ProblemKind.UNBALANCED, "{% if subscriber.a %}"),
        ("{% endfor %}", ProblemKind.UNBALANCED, "{% endfor %}"),
        ("{% else %}", ProblemKind.UNBALANCED, "{% else %}"),
        ("{% case 1 %}{% elsif a %}{% endcase %}", ProblemKind.UNBALANCED, "{% elsif a %}"),
        ("{% if a %}{% for b in c %}{% endif %}", ProblemKind.UNBALANCED, "{% for b in c %}"),
        ("{{ a b }}", ProblemKind.UNPARSABLE, "{{ a b }}"),
        ('{{ a | default "x" }}', ProblemKind.UNPARSABLE, '{{ a | default "x" }}'),
        ("{% if %}{% endif %}", ProblemKind.UNPARSABLE, "{% if %}"),
        ("{% if a = b %}{% endif %}", ProblemKind.UNPARSABLE, "{% if a = b %}"),
        ("{% nonsense %}", ProblemKind.UNKNOWN_TAG, "{% nonsense %}"),
        ("{% %}", ProblemKind.UNKNOWN_TAG, "{% %}"),
        ("{{ subscriber.<b>a</b> }}", ProblemKind.MARKUP, "{{ subscriber.a }}"),
        ("{<i>{ subscriber.a }}</i>", ProblemKind.MARKUP, "{{ subscriber.a }"),
        ("{{ subscriber.a }</i>}", ProblemKind.MARKUP, "{{ subscriber.a }}"),
        ("{<b>% if a %}", ProblemKind.MARKUP, "{% if a %}"),
        ("{{ a | default: ‘x’ }}", ProblemKind.SMART_QUOTES, "{{ a | default: ‘x’ }}"),
        ("{ subscriber.a }", ProblemKind.LOST_BRACE, "{ subscriber.a }"),
        ("subscriber.a }}", ProblemKind.LOST_BRACE, "subscriber.a }}"),
        ("<!-- old {{ subscriber.a }} -->", ProblemKind.IN_COMMENT, "{{ subscriber.a }}"),
    ],
)
def test_one_slip_is_one_fault(content: str, kind: ProblemKind, excerpt: str) -> None:
    problems = document(content).problems
    assert [(problem.kind, problem.excerpt) for problem in problems] == [(kind, excerpt)]


@pytest.mark.parametrize(
    "content",
    [
        "<style>@media print{a{color:red}}</style>",
        '<script type="application/ld+json">{"a":{"b":{}}}</script>',
        '{{ "<b>x</b>" }}',
        '{% if subscriber.tags contains "Dana’s “list”" %}x{% endif %}',
        "{% if subscriber.a &lt; 5 and subscriber.a > 1 %}x{% endif %}",
        "<!-- {% if subscriber.a %} --><p>x</p><!-- {% endif %} -->",
        "<!--[if mso]>{{ subscriber.a }}<![endif]-->",
        "Set notation { x | x > 0 }, 100 %} done",
        "{{ }}",
        "{% # a note %}",
        "{% liquid\n assign a = 1\n echo a\n%}",
    ],
)
def test_what_only_looks_broken_is_no_fault(content: str) -> None:
    assert document(content).problems == ()


def test_a_long_construct_is_shortened_in_the_excerpt() -> None:
    problem = document("{{ " + "a " * 100 + "}}").problems[0]
    assert len(problem.excerpt) == 80
    assert problem.excerpt.endswith("…")


def test_an_unsubscribe_address_stored_percent_encoded_counts() -> None:
    variables = document('<a href="https://x.example.com/%7B%7B%20unsubscribe_url%20%7D%7D">x</a>').variables
    assert [(variable.name, variable.attribute, variable.encoded) for variable in variables] == [("unsubscribe_url", "href", True)]


def test_other_percent_encoded_braces_say_nothing() -> None:
    assert document('<a href="https://x.example.com/%7B%7Bid%7D%7D">x</a>').variables == ()


@pytest.mark.parametrize(
    "content", ["{{ " * 50_000, "{% if a %}" * 5_000, "{% for a in b %}" * 5_000, "{{ a " + "(" * 100_000 + " }}", '{{ "' * 20_000]
)
def test_a_text_full_of_openings_is_read_in_time_and_told_in_a_few_faults(content: str) -> None:
    started = time.process_time()
    problems = document(content).problems
    assert time.process_time() - started < 5
    assert 0 < len(problems) <= 100


def test_blocks_in_each_other_are_read_as_deep_as_anybody_writes_them() -> None:
    whole = "{% if a %}" * 90 + "{{ subscriber.city }}" + "{% endif %}" * 90
    assert document(whole).problems == ()
    deeper = document("{% if a %}" * 200 + "{{ subscriber.city }}" + "{% endif %}" * 200)
    assert "subscriber.city" not in names(deeper)
    assert any("not read" in problem.detail for problem in deeper.problems)


def test_common_liquid_is_read_however_much_there_is_of_it() -> None:
    assert len(names(document("".join(f"{{{{ subscriber.field_{index} | default: 'x' }}}}" for index in range(5000))))) == 5000


def test_liquid_for_the_real_parser_is_read_up_to_a_budget_and_the_rest_is_not_looked_at() -> None:
    hostile = "".join(f"{{{{ a{index} {'(' * 1900} }}}}" for index in range(400))
    started = time.process_time()
    read = document(hostile + "{{ subscriber.city }}")
    assert time.process_time() - started < 5
    assert read.unread
    assert "subscriber.city" in names(read)  # the common forms behind it are read
    assert not document("{{ a[0].b }}").unread
