"""Write ``docs/ckaudit.1``, the manual page, from the commands. With ``--check`` nothing is written and a difference is an error.

Run ``make docs`` after changing a command. Our own script, because click-man (0.6.0) writes a page for each command of one program and does
not see commands that are imported when they are called. Nothing is asked of click but what we declared ourselves: how click words a usage
line changes from one release to the next, and the page must not.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

import ckaudit
from ckaudit.cli.main import cli
from ckaudit.cli.terminal import Terminal
from ckaudit.cli.verbosity import verbosity
from ckaudit.kit.screens import API_KEYS
from ckaudit.model.errors import ExitStatus

TARGET = Path(__file__).parent / "ckaudit.1"

STATUSES = {
    ExitStatus.CLEAN: "Audited; nothing at or above --fail-on (default: warning).",
    ExitStatus.FINDINGS: "Audited; there are findings at or above --fail-on.",
    ExitStatus.BAD_INPUT: "The command line, the configuration, the manifest or the snapshot is invalid. The message says where.",
    ExitStatus.INCOMPLETE: "Could not complete: credentials refused, network, rate limit, nothing to audit. What was read is kept.",
    ExitStatus.BUG: "A bug in ckaudit or in a rule. The rest of the audit is still written.",
}
ENVIRONMENT = {
    "KIT_API_KEY": f"The API key (Kit: {API_KEYS}).",
    "KIT_ACCESS_TOKEN": "An OAuth token instead of a key.",
    "KIT_API_URL": "Where Kit's API is; for tests.",
    "CKAUDIT_CONFIG": "The configuration, as with --config.",
    "CKAUDIT_REPOSITORY": "owner/ckaudit on GitHub, for links to the pages of rules; the action sets it.",
    "CKAUDIT_REF": "The branch, tag or commit of it.",
    "NO_COLOR": "No colours, when it is set to anything.",
    "FORCE_COLOR": "Colours in pipes and files, too, unless it is 0.",
    "FORCE_HYPERLINK": "Links in pipes and files, too; 0 for none.",
    "TERM": "dumb: no colours, no progress, no links.",
}
FILES = {
    "ckaudit.toml, pyproject.toml": "The configuration, looked for from the working directory upwards. `ckaudit init` writes one.",
    "automations.yaml, automations/*.yaml": "The manifest: what Kit's API does not show. Looked for in the snapshot's folder, beside it, "
    "in the working directory, and beside the configuration.",
    "account.json": "The account's structure, without people.",
    "events.npz": "Timestamps of people, without names and addresses.",
    "people.json": "Who they are; only after pull --with-emails.",
}
SEE_ALSO = "ckaudit explain RULE says what a rule finds and how to fix it in Kit. ckaudit schema NAME describes the files."


def page() -> str:
    """The whole page as roff, in ASCII, the same on every machine."""
    root = click.Context(cli, info_name="ckaudit", obj=Terminal({}))
    lines = [
        '.\\" Made by docs/make_man_page.py from the commands. Do not edit.',
        f'.TH CKAUDIT 1 "" "ckaudit {ckaudit.__version__}" "User Commands"',
        *section("NAME"),
        "ckaudit \\- " + roff("audit a Kit (formerly ConvertKit) account"),
        *section("SYNOPSIS"),
        ".B ckaudit",
        roff("COMMAND [OPTIONS] [ARGUMENTS]"),
        *section("DESCRIPTION"),
        *list(prose(cli.help or ""))[1:],
        *section("OPTIONS OF EVERY COMMAND"),
        *(line for param in every_command.params for line in option(param)),
        *entry("-h, --help", "Show what a command does, and its options."),
        *section("COMMANDS"),
        *(line for context in commands(root) for line in command(context)),
        *section("EXIT STATUS"),
        *(line for status, words in STATUSES.items() for line in entry(str(int(status)), words)),
        *prose("They are the same in every format. When several apply, the highest counts."),
        *section("ENVIRONMENT"),
        *(line for name, words in ENVIRONMENT.items() for line in entry(name, words)),
        *section("FILES"),
        *(line for name, words in FILES.items() for line in entry(name, words)),
        *section("SEE ALSO"),
        roff(SEE_ALSO),
    ]
    return "\n".join(lines) + "\n"


def commands(parent: click.Context) -> Iterator[click.Context]:
    """The context of every command that does something, groups that do nothing left out."""
    group = parent.command
    assert isinstance(group, click.Group)  # noqa: S101  for the type checker: only groups come here
    for name in group.list_commands(parent):
        found = group.get_command(parent, name)
        if found is None or found.hidden:
            continue
        context = click.Context(found, info_name=name, parent=parent)
        if isinstance(found, click.Group):
            yield from [context] if found.invoke_without_command else []
            yield from commands(context)
        else:
            yield context


def command(context: click.Context) -> Iterator[str]:
    """One command: how to call it, what it does, its options."""
    params = context.command.params
    usage = " ".join([context.command_path, "[OPTIONS]", *(value(param) for param in params if isinstance(param, click.Argument))])
    yield from (f".SS {quoted(usage)}", *list(prose(context.command.help or ""))[1:])  # behind a heading a paragraph begins by itself
    everywhere = {name for param in every_command.params for name in param.opts}
    yield from (line for param in params if not everywhere.intersection(param.opts) for line in option(param))


def option(param: click.Parameter) -> Iterator[str]:
    """An option with its value and what it does; nothing for one that is hidden, or for an argument."""
    if not isinstance(param, click.Option) or param.hidden:
        return
    kind = param.type
    bounds = f" From {kind.min:,} to {kind.max:,}." if isinstance(kind, click.IntRange) and kind.max else ""
    required = " Required." if param.required else ""
    yield from entry(f"{', '.join(param.opts)} {value(param)}".rstrip(), f"{param.help or ''}{bounds}{required}")


def value(param: click.Parameter) -> str:
    """What a parameter takes, as people write it: ``FILE``, ``[SNAPSHOT]``, ``error|warning``; nothing for a switch."""
    if isinstance(param, click.Option) and (param.is_flag or param.count):
        return ""
    if param.metavar:
        return param.metavar
    word = "|".join(map(str, param.type.choices)) if isinstance(param.type, click.Choice) else (param.name or "").upper()
    if isinstance(param, click.Option):
        return word
    word = word if param.required else f"[{word}]"
    return word if param.nargs == 1 else f"{word}..."


@click.command()
@verbosity
def every_command() -> None:
    """Has nothing but the options of every command."""


def section(title: str) -> tuple[str, ...]:
    return (f".SH {title}",)


def entry(term: str, words: str) -> tuple[str, ...]:
    """A term with its explanation indented below."""
    return ".TP", f"\\fB{roff(term)}\\fR", roff(words)


def prose(text: str) -> Iterator[str]:
    """A help text: paragraphs, and blocks behind ``\\b`` as they are."""
    for part in re.split(r"\n[ \t]*\n", inspect.cleandoc(text)):
        if part.startswith("\b"):
            title, *lines = part.removeprefix("\b").strip("\n").split("\n")
            yield from (".PP", roff(title), ".PP", ".nf", ".RS", *(roff(line.strip()) for line in lines), ".RE", ".fi")
        else:
            yield from (".PP", roff(" ".join(part.split())))


def quoted(text: str) -> str:
    """An argument of a macro."""
    return '"' + roff(text).replace('"', "\\(dq") + '"'


def roff(text: str) -> str:
    """Text as roff: nothing in it is a command, and everything beyond ASCII is named."""
    made = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    made = "".join(char if ord(char) < 128 else f"\\[u{ord(char):04X}]" for char in made)
    return f"\\&{made}" if made.startswith(".") else made


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    text = page()
    same = TARGET.exists() and TARGET.read_text(encoding="ascii") == text
    if "--check" in arguments:
        if not same:
            sys.stderr.write("docs/ckaudit.1 differs from the commands. Run `make docs` and commit the page.\n")
        return int(not same)
    TARGET.write_text(text, encoding="ascii")
    sys.stdout.write(f"docs/ckaudit.1: {'unchanged' if same else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
