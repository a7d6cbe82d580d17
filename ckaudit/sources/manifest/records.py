"""Structs of the model -> what reads them from a manifest, and their JSON Schema, made from their annotations."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta

from ckaudit.model.notation import Key, Notation, OneOf, Part, RefTo, Written
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import CONDITIONS, OPERATORS, STEP, AnyStep, Delay, If, Split, SplitPath, Test
from ckaudit.sources.manifest import values
from ckaudit.sources.manifest.fields import Field, having, object_schema, one_of, part_schema, spellings
from ckaudit.sources.manifest.odd import Condition, OrExit, PathOfSplit, check_sides, check_split
from ckaudit.sources.manifest.references import Address, Named, Reference
from ckaudit.sources.manifest.values import Reading, Schema, Value
from ckaudit.sources.yaml.tree import Mapping as MappingNode
from ckaudit.sources.yaml.tree import Node

_WRITTEN: Mapping[Written, Value] = {
    Written.DATE: values.DATE,
    Written.DURATION: values.DURATION,
    Written.FIELD_VALUE: values.FIELD_TEXT,
    Written.HOST: values.HOST,
    Written.PRICE: values.PRICE,
    Written.STACK: values.STACK,
}
_PLAIN: Mapping[Any, Value] = {str: values.TEXT, bool: values.FLAG, Literal[True]: values.ONLY_TRUE}


class Record:
    """A mapping that fills a struct."""

    def __init__(self, struct: Any) -> None:
        self.struct = struct
        self.notation: Notation = struct.notation

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Its keys."""
        return {field.key: field for field in fields_of(self.struct) if not field.beside}

    def given(self, reading: Reading, node: Node, _: str = "") -> Any:
        """The fields that could be read; ``UNSET`` when a required one is wrong or missing."""
        mapping = reading.mapping(node, self.notation, self.fields)
        if mapping is None:
            return UNSET
        given, whole = {}, True
        for field in self.fields.values():
            value = field.read(reading, mapping)
            if value is not UNSET:
                given[field.name] = value
            elif field.required:
                whole = False
                if field.key not in mapping.values:
                    reading.problem(node, f"{self.notation.name} needs “{field.key}”", self.notation.hint)
        return given if whole else UNSET

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The struct, when everything that is required could be read."""
        given = self.given(reading, node)
        if given is UNSET:
            return UNSET
        return self.struct(location=node.location, **given) if issubclass(self.struct, Part) else self.struct(**given)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """A reference to its part."""
        return part_schema(self.notation.name, parts, lambda parts: object_schema(self.fields.values(), parts))


class Several(Record):
    """A mapping with several fields of a struct, which has others as well."""

    read = Record.given


class Kinds:
    """A mapping of one key, which says the kind of the struct it becomes."""

    def __init__(self, struct: Any, one: OneOf) -> None:
        self.struct = struct
        self.notation = one.notation
        self.fields = {str(kind): _field(str(kind), hint, one.notation) for kind, hint in one.keys.items()}
        self.kinds = {str(kind): kind for kind in one.keys}

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The struct of that kind."""
        name = self.notation.name
        mapping = reading.mapping(node, self.notation, self.fields)
        if mapping is None:
            return UNSET
        known = [key for key in mapping.values if key in self.fields]
        if not mapping.values:
            reading.problem(node, f"{name} is empty", self.notation.hint)
        if len(known) > 1:
            reading.problem(mapping.keys[known[1]], f"{name} names one thing, not both “{known[0]}” and “{known[1]}”")
        value = self.fields[known[0]].read(reading, mapping) if len(known) == 1 else UNSET
        return UNSET if value is UNSET else self.struct(kind=self.kinds[known[0]], location=node.location, **_ref_and_value(value))

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """A reference to its part."""
        return part_schema(self.notation.name, parts, lambda parts: one_of(self.fields.values(), parts, self.notation.also))


def _ref_and_value(value: Any) -> dict[str, Any]:
    """What kinds have in common: the object, and the text that goes with it or takes its place."""
    match value:
        case None:  # any
            return {}
        case Ref():
            return {"ref": value}
        case str():
            return {"value": value}
        case _:
            return {"ref": value.field, "value": value.value}


class StepKind(msgspec.Struct, frozen=True):
    """A step: its struct, the key that names it, and the keys beside that. A key that fills several fields has no name of one."""

    struct: Any
    key: Field
    beside: tuple[Field, ...]
    check: Callable[[Reading, MappingNode], None] | None

    def read(self, reading: Reading, mapping: MappingNode) -> Any:
        """The step."""
        value = self.key.read(reading, mapping)
        given = {self.key.name: value} if self.key.name else {} if value in (UNSET, None) else value
        if len(mapping.values) > 1:
            given |= {field.name: found for field in self.beside if (found := field.read(reading, mapping)) is not UNSET}
        if self.check:
            self.check(reading, mapping)
        return UNSET if value is UNSET else self.struct(location=mapping.location, **given)


class Steps:
    """Any step: a mapping in which one key names it, and others may be beside that."""

    @cached_property
    def kinds(self) -> dict[str, StepKind]:
        """Steps by the keys that name them."""
        return {struct.__struct_config__.tag: _step_kind(struct) for struct in get_args(AnyStep)}

    @cached_property
    def keys(self) -> dict[str, str]:
        """All keys, and for a key beside the name the one step it belongs to (any step: empty)."""
        owners: dict[str, str] = dict.fromkeys(self.kinds, "")
        for name, kind in self.kinds.items():
            for field in kind.beside:
                owners[field.key] = name if field.key not in owners else ""
        return owners

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The step."""
        mapping = reading.mapping(node, STEP, self.keys)
        if mapping is None:
            return UNSET
        names = [key for key in mapping.values if key in self.kinds]
        if len(names) != 1 or len(mapping.values) > 1:
            self._check(reading, mapping, names)
        return self.kinds[names[0]].read(reading, mapping) if names else UNSET

    def _check(self, reading: Reading, mapping: MappingNode, names: list[str]) -> None:
        """That one key names the step, and the others belong to it. Keys that are nobody's have been noted already."""
        if len(names) > 1:
            place = mapping.keys[names[1]]
            reading.problem(place, f"one step cannot be both “{names[0]}” and “{names[1]}”", "Begin each step with its own “- ”.")
        alone = [key for key in mapping.values if self.keys.get(key) and self.keys[key] not in names[:1]]
        for key in alone if names else alone[:1]:
            hint = "" if names else f"Is it in the same column as its “{self.keys[key]}”?"
            reading.problem(mapping.keys[key], f"“{key}” belongs to a step with “{self.keys[key]}”", hint)
        if not names and not alone and all(key in self.keys for key in mapping.values):
            reading.problem(mapping, "this step does nothing", f"A step has one of {', '.join(self.kinds)}.")

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """A reference to its part."""
        return part_schema("a step", parts, self._schema)

    def _schema(self, parts: dict[str, Schema]) -> Schema:
        beside = {field.key: field for kind in self.kinds.values() for field in kind.beside}
        owners = {word: having(owner, STEP.also) for key, owner in self.keys.items() if owner for word in spellings(key, STEP.also)}
        sides = {"if": having("if", STEP.also), "then": {"anyOf": [{"required": [side]} for side in owners]}}
        shape = one_of((kind.key for kind in self.kinds.values()), parts, STEP.also, beside.values())
        return {**shape, "dependentSchemas": owners, **sides}


_STEPS = Steps()


def _step_kind(struct: Any) -> StepKind:
    fields, name = fields_of(struct), struct.__struct_config__.tag
    own = [field for field in fields if not field.beside]
    one = own[0] if len(own) == 1 and struct is not Delay else None
    value: Value = one.value if one else values.DELAY if struct is Delay else Several(struct) if own else values.ONLY_TRUE
    about = own[0].description if len(own) == 1 else str(struct.__doc__).partition("\n")[0]
    key = Field(name=one.name if one else "", key=name, label=f"“{name}”", value=value, description=about)
    return StepKind(struct, key, tuple(field for field in fields if field.beside), {If: check_sides, Split: check_split}.get(struct))


def _reference(kind: Kind, or_any: bool) -> Value:
    if kind is Kind.WEBHOOK:
        return Address(kind)
    return Named(kind) if kind in (Kind.PRODUCT, Kind.APP_ACTION) else Reference(kind, or_any)


def value_of(hint: Any, empty: str = "") -> Value:
    """What reads a value of an annotated type. ``empty`` is what to do when it is an empty list and must not be."""
    kind, marks = _unwrapped(hint)
    for mark in marks:
        if isinstance(mark, OneOf):
            return Kinds(kind, mark)
        if isinstance(mark, RefTo):
            return _reference(mark.kind, Written.OR_ANY in marks)
        if mark in _WRITTEN:
            return _WRITTEN[mark]
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind == AnyStep:
        return _STEPS
    if get_origin(kind) is tuple:
        several = values.ListOf(value_of(get_args(kind)[0]), _meta(marks, "min_length") or 0, empty)
        return OrExit(several) if several.item is _STEPS and Written.BESIDE in marks else several
    if get_origin(kind) in (Union, UnionType):
        return value_of(next(part for part in get_args(kind) if part is not type(None)))
    if kind is Test:
        kinds = {str(kind): _field(kind, hint, None, required=True) for kind, hint in CONDITIONS.items()}
        return Condition(kinds, {key: _field(key, hint, None) for key, hint in OPERATORS.items()})
    if kind is SplitPath:
        return PathOfSplit(*fields_of(SplitPath))
    if kind is int:
        return values.whole(_meta(marks, "ge"))
    return values.choice(kind) if issubclass(kind, enum.StrEnum) else Record(kind)


def fields_of(struct: Any) -> tuple[Field, ...]:
    """The fields of a struct that a manifest states: those with a description; inherited ones come last."""
    notation, own = getattr(struct, "notation", None), struct.__annotations__
    found = sorted(msgspec.structs.fields(struct), key=lambda field: list(own).index(field.name) if field.name in own else len(own))
    stated = (field for field in found if _meta(_unwrapped(field.type)[1], "description"))
    return tuple(_field(field.name, field.type, notation, field.required) for field in stated)


def _field(name: str, hint: Any, notation: Notation | None, required: bool = False) -> Field:
    kind, marks = _unwrapped(hint)
    key = next((mark.name for mark in marks if isinstance(mark, Key)), name)
    value = value_of(hint, notation.hint if notation else "")
    return Field(
        name=name,
        key=key,
        label=f"“{key}” of {notation.name}" if notation else f"“{key}”",
        value=values.OrNothing(value) if required and type(None) in get_args(kind) else value,
        description=_meta(marks, "description"),
        required=required,
        beside=Written.BESIDE in marks,
    )


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its annotations, and these."""
    marks: tuple[Any, ...] = ()
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        marks = (*more, *marks)
    return hint, marks


def _meta(marks: tuple[Any, ...], name: str) -> Any:
    """What msgspec's ``Meta`` says; None when it does not."""
    return next((said for mark in marks if isinstance(mark, Meta) and (said := getattr(mark, name)) is not None), None)
