"""What segments are made of, as the manifest states it: Kit's API lists them without their conditions."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta

from ckaudit.model.notation import FormRef, Key, Notation, OneOf, Part, ProductRef, SegmentRef, SequenceRef, TagRef
from ckaudit.model.refs import Key as ObjectKey
from ckaudit.model.refs import Ref


class MemberKind(enum.StrEnum):
    """What a segment can ask for."""

    TAG = "tag"
    FORM = "form"
    SEQUENCE = "sequence"
    PURCHASES = "purchases"
    FILTER = "filter"


class Member(Part, frozen=True, kw_only=True):
    """One condition of a segment: the object, or for ``FILTER`` Kit's words as ``value``."""

    kind: MemberKind
    ref: Ref | None = None
    value: str | None = None


Members: TypeAlias = tuple[
    Annotated[
        Member,
        OneOf(
            Notation("a condition of a segment", "Write it as in {tag: Customer}."),
            {
                MemberKind.TAG: Annotated[TagRef, Meta(description="Has this tag.")],
                MemberKind.FORM: Annotated[FormRef, Meta(description="Has joined this form.")],
                MemberKind.SEQUENCE: Annotated[SequenceRef, Meta(description="Is in this sequence.")],
                MemberKind.PURCHASES: Annotated[ProductRef, Meta(description="Has bought the product of this name.")],
                MemberKind.FILTER: Annotated[str, Meta(description="Any other condition, in words.")],
            },
        ),
    ],
    ...,
]


class SegmentFilter(Part, frozen=True, kw_only=True):
    """Who is in a segment: who meets any of some conditions, all of some, and none of some. A group that is empty asks for nothing."""

    notation: ClassVar = Notation("a segment", "Write it as in {name: Buyers, any: [{tag: Customer}]}.")

    segment: Annotated[SegmentRef, Key("name"), Meta(description="The segment.")]
    any_of: Annotated[Members, Key("any"), Meta(description="People meet at least one of these conditions.")] = ()
    all_of: Annotated[Members, Key("all"), Meta(description="People meet every one of these conditions.")] = ()
    none_of: Annotated[Members, Key("none"), Meta(description="People meet none of these conditions.")] = ()

    @property
    def sufficient(self) -> tuple[ObjectKey, ...]:
        """The objects each of which alone puts people into the segment: those of “any”, when nothing else is asked for."""
        asked = self.any_of or self.all_of
        alone = not self.none_of and not (self.any_of and self.all_of) and (bool(self.any_of) or len(self.all_of) == 1)
        return tuple(member.ref.key for member in asked if member.ref) if alone else ()
