"""Writes configuration: a commented one to start with, and entries of ``[[suppress]]``."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path

from ckaudit.model.account import Account
from ckaudit.model.config import Config, SuppressedObject, SuppressTable
from ckaudit.model.errors import Location, UsageError
from ckaudit.sources.config import CONFIG_FILE, PROJECT_FILE, read_config
from ckaudit.sources.files import write_atomically

_TEMPLATE = """\
# Configuration of ckaudit. Every line that begins with # is an example: take the # away to use it.
# All keys: docs/configuration.md, or `ckaudit schema config`. The command line wins over this file.
{about}
# manifest = ["automations.yaml"]     # the files that list your automations, seen from this file
# stack = "accessally"                # the membership site, where the manifest does not say
# test_tags = ["Tester"]              # tags of people who only test: their timestamps are left out
# select = ["access", "CK5"]          # only these rules: themes, codes, beginnings of codes, names
# ignore = ["CK412"]                  # not these
# min_severity = "warning"            # show nothing below it
# fail_on = "error"                   # what gives exit status 1

# Another severity for a rule, and its options (`ckaudit explain CK902` lists them):
# [severity]
# CK101 = "info"
#
# [options.CK902]
# days = 30

# How names have to look. Any name after the dot; kind: tag, form, sequence, field, segment, snippet or automation.
# [policy.{policy}]
# kind = "tag"
# prefixes = [{prefixes}]
# required = [{required}]
# forbidden_words = ["test", "old"]
# message = "See our naming scheme."
# link = "https://example.com/naming"

# A finding that is fine as it is. `ckaudit suppress CK503 sequence:5 --reason …` writes such an entry.
# [[suppress]]
# rule = "CK503"
# object = {object}   # the id decides, the name is for the reader
# reason = "The preferences link is in the template's footer"      # required
# owner = "dana"
# until = 2027-03-01                  # after this day the finding is back

# Whose report it is.
# [report]
# name = {name}
# logo = "logo.svg"                   # PNG or SVG, at most 200,000 bytes
# accent = "#1f65ad"
# contact = "hello@example.com"
# introduction = "What we looked at, and why."
# closing = "Call us when anything is unclear."
# tool_branding = false
"""


def example_config(account: Account | None) -> str:
    """A commented ``ckaudit.toml``, with names of the account where there is one."""
    if account is None:
        account = Account()
    info = account.info
    about = f"# Account: {toml_text(info.name)} ({info.id})\n" if info else ""
    names = [tag.name for tag in account.tags]
    first = account.sequences[0] if account.sequences else None
    named = SuppressedObject(kind="sequence", id=first.id if first else 5, name=first.name if first else "Welcome")
    return _TEMPLATE.format(
        about=about,
        policy="tag-names",
        prefixes=_texts(_prefixes(names)) or '"Course A: ", "AA: "',
        required=_texts(names[:1]) or '"Customer"',
        object=object_text(named),
        name=toml_text(info.name if info and info.name else "Your business"),
    )


def _texts(names: Iterable[str]) -> str:
    return ", ".join(toml_text(name) for name in names)


def _prefixes(names: Iterable[str]) -> list[str]:
    """Beginnings up to a colon that at least two tags share, the commonest first."""
    counts = Counter(name[: name.index(": ") + 2] for name in names if ": " in name)
    return [prefix for prefix, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if number > 1][:5]


def suppression_text(entry: SuppressTable, table: str = "suppress") -> str:
    """An entry as TOML."""
    lines = [f"[[{table}]]", f"rule = {toml_text(entry.rule)}", f"object = {object_text(entry.object)}"]
    lines += [f"reason = {toml_text(entry.reason)}"]
    lines += [f"owner = {toml_text(entry.owner)}"] if entry.owner else []
    lines += [f"until = {entry.until.isoformat()}"] if entry.until else []
    return "\n".join(lines) + "\n"


def add_suppressions(path: Path, entries: Iterable[tuple[SuppressTable, str]], *, skip_known: bool = False) -> str:
    """Append entries to a configuration, creating it if there is none; what is in the file stays as it is. Returns what was added.
    Each comes with what its rule is called besides. With ``skip_known`` those the file has already are left out.

    Raises:
        ConfigError: the file is invalid.
        UsageError: it has one of them already, or is written in a way that nothing can be appended to.
        OutputError: it cannot be written.
    """
    before = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
    if before and (path.name != PROJECT_FILE or "ckaudit" in before):
        entries = _new(read_config(path), entries, skip_known=skip_known)
    table = "tool.ckaudit.suppress" if path.name == PROJECT_FILE else "suppress"
    text = "\n".join(suppression_text(entry, table) for entry, _ in entries)
    if text:
        _append(path, before, text)
    return text


def _append(path: Path, before: str, text: str) -> None:
    line_end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before else line_end if before.endswith("\n") else line_end * 2
    after = f"{before}{gap}{text.replace(chr(10), line_end)}"
    try:
        tomllib.loads(after.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        hint = f"Write them as [[{'tool.ckaudit.' if path.name == PROJECT_FILE else ''}suppress]] tables first."
        raise UsageError(f"{path}: nothing can be appended to the entries there", hint=hint) from None
    if not path.exists():
        write_atomically(path, after.encode())
        return
    mode = path.stat().st_mode
    write_atomically(path.resolve(), after.encode())
    path.chmod(mode)


def _new(config: Config, entries: Iterable[tuple[SuppressTable, str]], *, skip_known: bool) -> list[tuple[SuppressTable, str]]:
    """The entries that the configuration does not have. Raises UsageError at the first that it has, unless they are skipped."""
    fresh = []
    for entry, other_name in entries:
        known = _place_of(config, {entry.rule.lower(), other_name.lower()}, entry.object)
        if known is None:
            fresh.append((entry, other_name))
        elif not skip_known:
            raise UsageError("this suppression is there already", hint="Change the entry there.", location=known)
    return fresh


def _place_of(config: Config, names: Set[str], named: SuppressedObject) -> Location | None:
    for number, entry in enumerate(config.file.suppress):
        known = entry.object
        same = known.kind == named.kind and (
            str(known.id) == str(named.id) if None not in (known.id, named.id) else known.name == named.name != ""
        )
        if same and entry.rule.lower() in names:
            return config.place("suppress", number)
    return None


def object_text(named: SuppressedObject) -> str:
    """An object as a TOML table in one line."""
    parts = [f"kind = {toml_text(named.kind)}"]
    if named.id is not None:
        parts.append(f"id = {named.id if isinstance(named.id, int) else toml_text(named.id)}")
    if named.name:
        parts.append(f"name = {toml_text(named.name)}")
    return "{" + ", ".join(parts) + "}"


def toml_text(text: str) -> str:
    """Text in quotes; what does not print (line breaks, marks that turn the reading direction) is written as its number."""
    return '"' + "".join(_char(char) for char in text) + '"'


def _char(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    number = ord(char)
    if 0xD800 <= number <= 0xDFFF:
        return "?"
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


__all__ = ["CONFIG_FILE", "add_suppressions", "example_config", "object_text", "suppression_text", "toml_text"]
