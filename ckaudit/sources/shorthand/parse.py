"""Lines -> the tree that the same automations have as YAML, which the manifest's own reader takes from there."""

from __future__ import annotations

import re

import msgspec

from ckaudit.model.nearest import did_you_mean
from ckaudit.sources.shorthand import signs
from ckaudit.sources.shorthand.lines import Comment, Line, split_lines
from ckaudit.sources.shorthand.names import Names
from ckaudit.sources.shorthand.phrases import Found, Phrases
from ckaudit.sources.yaml.tree import Items, Mapping, Node, Scalar

MAX_DEPTH = 20  # a person draws a handful of conditions inside each other
_DETAIL = re.compile(r"([A-Za-z_]+):(?:[ \t]+|$)")
OF_AUTOMATION = ("id", "status", "notes", "recurring", "evergreen", "draft")
OF_STEP = ("note", "waiting")
_TEXTS = ("note", "notes")
_BEGINS = "Begin it with a sign: + adds a tag, - removes one, = is a sequence, 5m or 7d a delay, ? a condition, ! an event."


class Level(msgspec.Struct):
    """Steps in the same column. ``block`` is the last of them when it is one with branches, ``indent`` None before the first."""

    steps: Items
    indent: str | None = None
    block: Mapping | None = None


class Parser:
    """Reads line by line. What is wrong in one line is noted, and the others are read."""

    def __init__(self, names: Names, file: str, found: list[Found]) -> None:
        self.phrases = Phrases(names, file, found)
        self.file = file
        self.automations: list[Node] = []
        self.levels: list[Level] = []
        self.owner: Mapping | None = None  # what “note: …” below the line would belong to
        self.opened: Items | None = None  # the branch that the line above opened
        self.entries: Items | None = None

    def run(self, text: str, name: str) -> Items:
        """The automations of a text. ``name`` is that of the automation whose steps stand before the first name."""
        for line in split_lines(text):
            if isinstance(line, Comment):
                continue
            if line.sign == signs.AUTOMATION:
                self._automation(line, self.phrases.text(line.rest, line, "the name of the automation", "Write it behind the *."))
            elif not line.sign and (detail := _DETAIL.match(line.rest)):
                self._detail(line, detail[1], line.rest[detail.end() :], detail.end())
            else:
                if not self.levels:
                    self._unnamed(line, name)
                self._step(line)
        return Items(self.file, 1, 1, 1, self.automations)

    def _unnamed(self, line: Line, name: str) -> None:
        place = self.phrases.at(line, line.start)
        if not name:
            self.phrases.problem(line, line.start, "this automation has no name", "Write a line above it: * and its name in Kit.")
        self._automation(line, place.scalar(name) if name else place.broken())

    def _automation(self, line: Line, name: Node) -> None:
        place = self.phrases.at(line, line.start)
        steps, self.entries = place.items(), place.items()
        self.owner = place.mapping({"name": name, "entries": self.entries, "steps": steps})
        self.automations.append(self.owner)
        self.levels, self.opened = [Level(steps)], None

    def _detail(self, line: Line, key: str, value: str, offset: int) -> None:
        """A line such as “status: paused” or “note: …”: a key of the automation or step above it, as the manifest writes it."""
        column = line.column + offset
        if self.owner is None:
            hint = "Such a line belongs below the name of an automation (* NAME), or below a step."
            return self.phrases.problem(line, line.start, f"“{key}:” belongs to nothing", hint)
        possible = OF_AUTOMATION if "steps" in self.owner.values else OF_STEP
        if key not in possible:
            hint = f"{did_you_mean(key, possible)} A step begins with a sign, as in + VIP."
            return self.phrases.problem(
                line, line.start, f"there is no “{key}:” of {'an automation' if possible is OF_AUTOMATION else 'a step'}", hint
            )
        if key in self.owner.values:
            return self.phrases.problem(line, line.start, f"“{key}:” is here a second time", "Keep one of them.")
        place = self.phrases.at(line, column)
        if key in _TEXTS or value.startswith(signs.QUOTE):
            node = self.phrases.text(value, line, f"text behind “{key}:”", "Write it on the same line.", column)
        else:
            node = Scalar(self.file, place.line, place.column, place.line, value, True)
        self.owner.keys[key] = self.phrases.at(line, line.start).scalar(key)
        self.owner.values[key] = node
        return None

    def _step(self, line: Line) -> None:
        level = self._level(line)
        if level is None:
            return
        if line.sign == signs.ENTRY:
            self._entry(line, level)
        elif line.sign == signs.OTHER:
            self._other(line, level)
        else:
            node = self._made(line)
            level.block = node if isinstance(node, Mapping) and line.sign in (signs.CONDITION, signs.SPLIT, signs.GOALS) else None
            self.owner = node if isinstance(node, Mapping) else None
            level.steps.items.append(node)

    def _level(self, line: Line) -> Level | None:
        """The steps to which a line belongs, by its indentation; None when it is too deep."""
        levels, opened, self.opened = self.levels, self.opened, None
        if levels[-1].indent is None:
            levels[-1].indent = line.indent
        deepest = levels[-1]
        while len(levels) > 1 and len(line.indent) < len(levels[-1].indent or ""):
            levels.pop()
        indent = levels[-1].indent or ""
        if len(line.indent) > len(indent) and deepest is levels[-1]:
            if opened is None:
                hint = "Only steps of a branch are indented: those below ?, /, !! and |."
                self.phrases.problem(line, line.start, "this line is indented and the one above it opens no branch", hint)
            elif len(levels) > MAX_DEPTH:
                hint = "Split the automation: >> starts another one."
                self.phrases.problem(line, line.start, f"branches are nested more than {MAX_DEPTH} deep", hint)
                return None
            else:
                levels.append(Level(opened, line.indent))
        elif len(line.indent) != len(indent):
            self.phrases.problem(line, line.start, "this line is in the column of none above it", "Lines that belong together line up.")
        if ("\t" in line.indent and " " in line.indent) or line.indent[:1] != (levels[-1].indent or line.indent)[:1]:
            self.phrases.problem(line, line.start, "this line is indented with tabs and spaces", "Use one of them only.")
        return levels[-1]

    def _entry(self, line: Line, level: Level) -> None:
        self.owner = level.block = None
        if len(self.levels) > 1 or level.steps.items:
            hint = "What starts the automation stands above its steps; to start another one write >> and its name."
            self.phrases.problem(line, line.start, "this entry is below a step", hint)
        elif self.entries is not None:
            self.entries.items.append(self.phrases.entry(line))

    def _other(self, line: Line, level: Level) -> None:
        """A “|”: the next branch of the block above it."""
        self.owner, block = None, level.block
        if block is None:
            hint = "It begins the next branch of a ?, / or !! in the same column."
            return self.phrases.problem(line, line.start, "there is nothing above it that this | goes on with", hint)
        branch = self.phrases.at(line, line.start).items()
        if "if" in block.values:
            if line.rest:
                hint = "A condition has two sides: the steps for no stand below a | alone. Paths for several tags begin with /."
                self.phrases.problem(line, line.column, "a condition has no further paths", hint)
            elif "else" in block.values:
                self.phrases.problem(line, line.start, "this condition has a no side already", "Keep one of them.")
            block.keys["else"], block.values["else"] = self.phrases.at(line, line.start).scalar("else"), branch
        else:
            goals = "events" in block.values
            paths = block.values["events" if goals else "split"]
            items = paths.items if isinstance(paths, Items) else []
            if not goals and isinstance(items[-1], Mapping) and "otherwise" in items[-1].values:
                hint = "The | alone is for everybody else: put it last."
                self.phrases.problem(line, line.start, "this path is below the one for everybody else", hint)
            else:
                items.append(self._path(line, branch, goals=goals))
        self.opened = branch
        return None

    def _path(self, line: Line, branch: Items, *, goals: bool) -> Node:
        place = self.phrases.at(line, line.start)
        if goals:
            return place.mapping({"event": self.phrases.goal(line), "steps": branch})
        if not line.rest:
            return place.mapping({"otherwise": branch})
        return place.mapping({"tag": self.phrases.tag(line), "steps": branch})

    def _made(self, line: Line) -> Node:
        place, branch = self.phrases.at(line, line.start), self.phrases.at(line, line.start).items()
        match line.sign:
            case signs.CONDITION:
                self.opened = branch
                return place.mapping({"if": self.phrases.test(line), "then": branch})
            case signs.SPLIT:
                self.opened = branch
                return place.mapping({"split": place.items([self._path(line, branch, goals=False)])})
            case signs.GOALS:
                self.opened = branch
                return place.mapping({"events": place.items([self._path(line, branch, goals=True)])})
            case "":
                return self._unsigned(line)
            case _:
                return place.mapping(self.phrases.simple(line))

    def _unsigned(self, line: Line) -> Node:
        """A delay, or the word “exit”."""
        place = self.phrases.at(line, line.start)
        if line.rest == signs.EXIT:
            return place.mapping({"exit": Scalar(self.file, place.line, place.column, place.line, "true", True)})
        if line.rest[0].isdecimal():
            return place.mapping({"delay": place.scalar(self.phrases.delay(line.rest))})
        self.phrases.problem(line, line.start, "this line has no sign", _BEGINS)
        return place.broken()
