"""Write ``docs/rule-api.md``: what a rule may import, in groups, with the questions each object answers. ``--check`` only compares.

Run ``make docs`` after changing ``ckaudit/rule.py`` or a class it names.
"""

from __future__ import annotations

import enum
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType

import msgspec

from ckaudit import rule
from ckaudit.graph.causes import Causes
from ckaudit.graph.login import Logins
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.plan import PlanFacts
from ckaudit.graph.reactions import Reactions

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rule-api.md"
BEHIND_THE_GRAPH = {"lookup": Lookup, "causes": Causes, "reactions": Reactions, "logins": Logins, "plan": PlanFacts}
INTRODUCTION = """# What a rule may import

A rule imports from ckaudit one module, `ckaudit.rule`, and from it only the {count} names below. Most rules need about fifteen of them.
`make docs` writes this page from the code.

Questions are asked of what they are about: a membership knows its tags, a flow its paths, a step what it does, the graph everything else.

```python
def check(graph: Graph, options: Options) -> Iterator[Finding]:
    for membership in graph.memberships:
        for flow in graph.flows if not membership.login_made_elsewhere else ():
            for tag in membership.keys(*LOGIN_MAKERS):
                for step in flow.adding(tag):
                    if path := flow.path_leaving_on(step, tag):
                        yield Finding(object=flow.object, message=f"“{{flow.name}}” leaves the tag on.", path=path.steps())
```
"""


def groups() -> dict[str, list[str]]:
    """The groups of ``ckaudit.rule.__all__``, as its comments name them, and the names in each."""
    source = Path(rule.__file__).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in source[source.index("__all__ = [") :].splitlines()[1:]:
        if match := re.fullmatch(r"    # (.+)", line):
            found[match[1]] = []
        elif match := re.fullmatch(r'    "(\w+)",', line):
            found[list(found)[-1]].append(match[1])
    return found


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION.format(count=len(rule.__all__))]
    for group, names in groups().items():
        parts.append(f"## {group}\n")
        parts += [f"### `{name}`\n\n{_entry(getattr(rule, name))}\n" for name in names]
    return "\n".join(parts)


def _entry(thing: object) -> str:
    if isinstance(thing, ModuleType):
        return f"{_prose(thing.__doc__)}\n\n" + "\n".join(_in_namespace(thing))
    if isinstance(thing, type):
        behind = [line for name, cls in BEHIND_THE_GRAPH.items() for line in _members(cls, f".{name}")] if thing is rule.Graph else []
        return "\n\n".join(filter(None, (_prose(thing.__doc__), _fields(thing), "\n".join([*_members(thing), *behind]))))
    if callable(thing):
        return f"`{getattr(thing, '__name__', '')}{_parameters(thing)}`: {_prose(thing.__doc__)}"
    return "The roles " + ", ".join(f"`{item.name}`" for item in thing) + "." if isinstance(thing, tuple) else ""


def _prose(text: str | None) -> str:
    """A docstring as Markdown, its paragraphs on one line each."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in paragraphs).replace("``", "`")


def _first(text: str | None) -> str:
    return _prose(text).partition("\n\n")[0]


def _fields(thing: type) -> str:
    """The members of an enumeration, the fields of a structure."""
    if issubclass(thing, enum.Enum):
        return "Members: " + ", ".join(f"`{item.name}`" for item in thing) + "."
    names = thing.__struct_fields__ if issubclass(thing, msgspec.Struct) else ()
    return "Fields: " + ", ".join(f"`{name}`" for name in names) + "." if names else ""


def _members(thing: type, owner: str = "") -> Iterator[str]:
    """Its questions, those of its own base classes first."""
    for cls in reversed(thing.__mro__):
        for name, member in vars(cls).items() if cls.__module__.startswith("ckaudit") else ():
            if name.startswith(("_", "with_")):
                continue
            if isinstance(member, property | cached_property):
                asked = member.fget if isinstance(member, property) else member.func
                yield f"- `{owner}.{name}`: {_first(asked.__doc__)}"
            elif inspect.isfunction(member):
                yield f"- `{owner}.{name}{_parameters(member)}`: {_first(member.__doc__)}"


def _parameters(thing: object) -> str:
    """The names of what a function takes; what may be left out in brackets."""
    parameters = [item for item in inspect.signature(thing).parameters.values() if item.name != "self"]  # type: ignore[arg-type]
    names = [
        f"[{item.name}]" if item.default is not item.empty else f"*{item.name}" if item.kind is item.VAR_POSITIONAL else item.name
        for item in parameters
    ]
    return f"({', '.join(names)})"


def _in_namespace(module: ModuleType) -> Iterator[str]:
    listed = getattr(module, "__all__", None) or [
        name for name, item in vars(module).items() if getattr(item, "__module__", "") == module.__name__
    ]
    for name in listed:
        item = getattr(module, name)
        if name.startswith("_") or not (isinstance(item, type) or callable(item)):
            continue
        fields = f" {_fields(item)}" if isinstance(item, type) and _fields(item) else ""
        yield f"- `{module.__name__.rpartition('.')[2]}.{name}`: {_first(item.__doc__)}{fields}"


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    text = page()
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if "--check" in arguments:
        if not same:
            sys.stderr.write("docs/rule-api.md differs from ckaudit.rule. Run `make docs` and commit the page.\n")
        return int(not same)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"docs/rule-api.md: {'unchanged' if same else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
