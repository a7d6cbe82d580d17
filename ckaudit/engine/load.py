"""Loads rules from files: the built-in folder and a consultant's own go exactly the same way.

A rule file defines ``RULE`` (``ckaudit.model.rules.Rule``), ``check`` and a docstring with fixed headings. Files and folders whose names
begin with ``_`` or ``.`` are not rules.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
import sys
import traceback
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ckaudit.engine.relations import unknown_names, yields_in_a_cycle
from ckaudit.engine.rule_docs import RuleDocs, parse_docs
from ckaudit.model.errors import Location, Problem, RuleFileError
from ckaudit.model.findings import Finding
from ckaudit.model.result import RuleText, VariantText
from ckaudit.model.rules import Options, Rule
from ckaudit.resources import rules_folder
from ckaudit.sources.files import near_path

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.model.refs import Key, ObjectRef

_HINT = "CONTRIBUTING says how a rule is written. A file that is not a rule has a name that begins with “_”."

Check: TypeAlias = "Callable[[Graph, Options], Iterator[Finding]]"
Judged: TypeAlias = "Callable[[Graph], Iterable[Key | ObjectRef]]"


class LoadedRule(msgspec.Struct, frozen=True):
    """A rule ready to run, and the file it came from."""

    rule: Rule
    check: Check
    docs: RuleDocs
    file: Path
    judged: Judged | None = None

    @property
    def text(self) -> RuleText:
        """The rule as reports explain it."""
        rule = self.rule
        return RuleText(
            rule.code,
            rule.name,
            rule.title,
            rule.passing,
            str(rule.theme),
            str(rule.severity),
            self.docs.why,
            self.docs.fix,
            rule.effort_minutes,
            self.page,
            tuple(
                VariantText(name, variant.title, str(variant.severity or rule.severity), variant.fix)
                for name, variant in rule.variants.items()
            ),
            str(rule.confidence),
            rule.exposure,
        )

    @property
    def page(self) -> str:
        """Where the rule's documentation is in ckaudit's repository; empty for a rule of one's own, which has no page there."""
        return f"docs/rules/{self.rule.code}.md" if self.file.is_relative_to(rules_folder()) else ""

    @property
    def cases_file(self) -> Path:
        """Where the rule's cases are, whether there are any or not."""
        return self.file.with_suffix(".cases.yaml")


def load_rules(folders: Iterable[Path], named: Iterable[Path] = ()) -> tuple[LoadedRule, ...]:
    """Load every rule of these folders (or single files), ordered by code. They may name each other, and the rules of ``named`` folders.

    Raises:
        RuleFileError: names every file that is not a proper rule, and codes or names used twice, all at once.
    """
    rules, problems = _load(folders)
    problems += _doubles(rules)
    if not problems:
        problems += _wrong_relations(rules, (*_load(named)[0], *rules))
    if problems:
        raise RuleFileError("some rules cannot be used", problems=tuple(problems))
    return tuple(sorted(rules, key=lambda item: item.rule.code))


def load_one(folders: Iterable[Path], word: str) -> LoadedRule | None:
    """The rule with this code or name, loaded alone: its file is named after it, and has its code in it. None where that is not so."""
    wanted = word.strip().lower()
    code = re.compile(rf"""\bcode=["']{re.escape(wanted)}["']""", re.IGNORECASE)
    files = [file for folder in folders for file in _rule_files(folder)]
    named = [
        file for file in files if file.stem == wanted.replace("-", "_") or code.search(file.read_text(encoding="utf-8", errors="replace"))
    ]
    found = load_rule(named[0]) if len(named) == 1 else None
    return found if isinstance(found, LoadedRule) and wanted in (found.rule.code.lower(), found.rule.name) else None


def _load(folders: Iterable[Path]) -> tuple[list[LoadedRule], list[Problem]]:
    rules: list[LoadedRule] = []
    problems: list[Problem] = []
    for file in (file for folder in folders for file in _rule_files(folder)):
        loaded = load_rule(file)
        if isinstance(loaded, LoadedRule):
            rules.append(loaded)
        else:
            problems += loaded
    return rules, problems


def _rule_files(folder: Path) -> list[Path]:
    try:
        if folder.is_file() and folder.suffix == ".py":
            return [folder]
        if not folder.is_dir():
            hint = near_path(folder) or "Give the folder that holds your rule files."
            raise RuleFileError(f"{folder} is not a folder with rules", hint=hint)
        files = [
            (Path(place) / name).relative_to(folder)
            for place, _, names in os.walk(folder, onerror=_raise)
            for name in names
            if name.endswith(".py")
        ]
    except OSError as error:
        raise RuleFileError(f"cannot read {folder}: {error.strerror}", hint="Check the folder and its permissions.") from None
    found = [folder / file for file in sorted(files) if not any(part[0] in "_." for part in file.parts)]
    if not found:
        raise RuleFileError(f"there are no rules in {folder}", hint="Rules are files such as my_rule.py, see CONTRIBUTING.")
    return found


def _raise(error: OSError) -> None:
    raise error


def load_rule(file: Path) -> LoadedRule | tuple[Problem, ...]:
    """Load one rule file, or say everything that is wrong with it."""
    module = _run_file(file)
    if isinstance(module, Problem):
        return (module,)
    return _rule_of(module, file)


def _run_file(file: Path) -> ModuleType | Problem:
    """The module of a file; the same object whenever the same file is asked for."""
    path = file.resolve()
    name = f"ckaudit_rule_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return Problem("this file cannot be loaded as Python", Location(str(file)), _HINT)
    module = importlib.util.module_from_spec(spec)
    # msgspec reads the annotations of a rule's options through sys.modules
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a rule file is foreign code: whatever it raises is its own problem
        del sys.modules[name]
        return Problem(f"this rule cannot be loaded: {type(error).__name__}: {_words(error)}", _raised_at(error, file), _HINT)
    return module


def _words(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _raised_at(error: BaseException, file: Path) -> Location:
    if isinstance(error, SyntaxError):
        return Location(str(file), error.lineno or 0, error.offset or 0)
    return Location(str(file), line_in(error, file))


def line_in(error: BaseException, file: Path) -> int:
    """The last line of ``file`` that an exception went through; 0 when there is none."""
    path = str(file.resolve())
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return lines[-1] if lines else 0


def _rule_of(module: ModuleType, file: Path) -> LoadedRule | tuple[Problem, ...]:
    rule, check, judged = getattr(module, "RULE", None), getattr(module, "check", None), getattr(module, "judged", None)
    problems: list[Problem] = []
    if not isinstance(rule, Rule):
        problems.append(Problem("this file must define RULE, a Rule of ckaudit.rule", Location(str(file)), _HINT))
    if not callable(check):
        problems.append(Problem("this file must define check(graph, options), a generator of findings", Location(str(file)), _HINT))
    if not (judged is None or callable(judged)):
        problems.append(Problem("judged must be a function (graph) that gives the objects the rule judges", Location(str(file)), _HINT))
    docs = parse_docs(module.__doc__ or "")
    if not isinstance(docs, RuleDocs):
        first = _docstring_line(file)
        problems += [Problem(item.message, Location(str(file), first + item.line, 1), _HINT) for item in docs]
    if isinstance(rule, Rule):
        problems += _wrong_metadata(rule, file)
    if problems or not isinstance(rule, Rule) or not callable(check) or not isinstance(docs, RuleDocs):
        return tuple(problems)
    return LoadedRule(rule, check, docs, file, judged)


def _docstring_line(file: Path) -> int:
    tree = ast.parse(file.read_bytes())
    first = tree.body[0] if tree.body else None
    return first.lineno if first else 1


def _wrong_metadata(rule: Rule, file: Path) -> Iterator[Problem]:
    expected = rule.name.replace("-", "_") + ".py"
    if file.name != expected:
        yield Problem(f"the rule “{rule.name}” must be in a file named {expected}", Location(str(file)), _HINT)
    if rule.code.startswith("CK") and file.resolve().parent.name != rule.theme:
        yield Problem(f"{rule.code} must be in a folder named “{rule.theme}”, its theme", Location(str(file)), _HINT)
    for name in rule.variants:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            yield Problem(f"the variant “{name}” must be kebab-case, such as no-delay", Location(str(file)), _HINT)
    hints = typing.get_type_hints(rule.options, include_extras=True)
    for field in msgspec.structs.fields(rule.options):
        metas = [item for item in getattr(hints[field.name], "__metadata__", ()) if isinstance(item, msgspec.Meta)]
        if field.required or not any(meta.description for meta in metas):
            message = f"the option “{field.name}” needs a default and a description: Annotated[…, Meta(description=…)]"
            yield Problem(message, Location(str(file)), _HINT)


def _doubles(rules: list[LoadedRule]) -> Iterator[Problem]:
    seen: dict[str, Path] = {}
    for loaded in rules:
        for word in (loaded.rule.code, loaded.rule.name):
            first = seen.setdefault(word, loaded.file)
            if first != loaded.file:
                yield Problem(
                    f"“{word}” is already used by the rule in {first}", Location(str(loaded.file)), "Codes and names are used once."
                )


def _wrong_relations(rules: Iterable[LoadedRule], every: Sequence[LoadedRule]) -> Iterator[Problem]:
    known, files = {loaded.rule.code: loaded.rule for loaded in every}, {loaded.rule.code: loaded.file for loaded in every}
    for loaded in rules:
        for message, hint in unknown_names(loaded.rule, known):
            yield Problem(message, Location(str(loaded.file)), hint)
    if cycle := yields_in_a_cycle(known):
        message = f"{' yields to '.join((*cycle, cycle[0]))}: one of them must win"
        yield Problem(message, Location(str(files[cycle[0]])), _HINT)
