"""The object somebody means on the command line: ``sequence:5``, ``automation:Welcome``, or an id or a name alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ckaudit.graph.causes import rule_object
from ckaudit.graph.lookup import Lookup
from ckaudit.model.account import Account, SectionName
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import UsageError
from ckaudit.model.nearest import did_you_mean, nearest
from ckaudit.model.refs import Kind, ObjectRef

_SECTIONS = {
    Kind.TAG: SectionName.TAGS,
    Kind.FORM: SectionName.FORMS,
    Kind.SEQUENCE: SectionName.SEQUENCES,
    Kind.EMAIL: SectionName.SEQUENCE_EMAILS,
    Kind.FIELD: SectionName.CUSTOM_FIELDS,
    Kind.SNIPPET: SectionName.SNIPPETS,
    Kind.SEGMENT: SectionName.SEGMENTS,
    Kind.TEMPLATE: SectionName.EMAIL_TEMPLATES,
    Kind.BROADCAST: SectionName.BROADCASTS,
}
_HOW = "Write kind and id, such as sequence:5, or kind and name, such as automation:Welcome."


def objects_of(account: Account, manifest: Manifest | None) -> tuple[ObjectRef, ...]:
    """Everything of an account that a finding can be about and that has a name; where no account was read, what the manifest names."""
    lookup = Lookup(account)
    found = [lookup.object(key) for key in lookup.objects]
    if account.info:
        found.append(ObjectRef(Kind.ACCOUNT, account.info.name or "this account", account.info.id))
    if manifest:
        found += [automation.object for automation in manifest.automations]
        found += [rule_object(rule, number) for number, rule in enumerate(manifest.rules)]
        found += [ObjectRef(Kind.EXTERNAL, writer.name) for writer in manifest.external]
        found += [ObjectRef(Kind.OFFERING, offering.name) for offering in manifest.offerings]
        found += [ref.object for ref in manifest.references if ref.known and ref.kind in _SECTIONS and ref.key not in lookup.objects]
    return tuple(dict.fromkeys(found))


def all_listed(account: Account) -> frozenset[Kind]:
    """The kinds of objects of which all are known: they were read, or there is only a manifest, whose names stand for themselves."""
    return frozenset(kind for kind, section in _SECTIONS.items() if not account.sections or account.complete(section))


def named_object(text: str, known: Sequence[ObjectRef] | None, preferred: Kind, *, listed: Collection[Kind] = frozenset()) -> ObjectRef:
    """The object a text means. ``known`` are those there are, None when nobody knows: then the kind must be said, and what is written
    stands for itself. So does an object of a kind of which none is known, unless all of that kind are ``listed``. Of objects of several
    kinds with one name the ``preferred`` kind is meant.

    Raises:
        UsageError: the text means nothing, or several things; says the nearest name, or how to tell them apart.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in tuple(Kind):
        if not rest.strip():
            raise UsageError(f"“{text}” names no object", hint=_HOW)
        return _of_kind(Kind(kind), rest, known, listed)
    if known is None:
        raise _unknown_kind(kind, colon, text)
    found = [item for item in known if text in (str(item.id), item.name)]
    found = [item for item in found if item.kind == preferred] or found
    if not found:
        near = nearest(text, [name for item in known for name in (item.name, f"{item.kind}:{item.id}")])
        misspelt = nearest(kind, Kind) if colon and near is None else None
        raise UsageError(f"nothing in the account is named “{text}”", hint=_suggest(near or (misspelt and f"{misspelt}:{rest}")) or _HOW)
    return _only(text, found)


def _of_kind(kind: Kind, rest: str, known: Sequence[ObjectRef] | None, listed: Collection[Kind]) -> ObjectRef:
    number = int(rest) if rest.isascii() and rest.isdigit() else None
    of_kind = [item for item in known or () if item.kind == kind]
    if not of_kind and known is not None and kind in listed:
        other = next((item for item in known if rest in (str(item.id), item.name)), None)
        hint = f"There is a {other.kind} of this name: {other.kind}:{rest}." if other else _HOW
        raise UsageError(f"there is no {kind} {rest if number is not None else f'“{rest}”'}, nor any other {kind}", hint=hint)
    if not of_kind:  # nobody knows, or the account does not list this kind
        return ObjectRef(kind, "" if number is not None else rest, number)
    by_id = [item for item in of_kind if str(item.id) == rest]
    found = by_id or [item for item in of_kind if item.name == rest]
    if not found:
        near = nearest(rest, [str(item.id) if number is not None else item.name for item in of_kind])
        raise UsageError(f"there is no {kind} {rest if number is not None else f'“{rest}”'}", hint=_suggest(near))
    return _only(rest, found)


def _only(text: str, found: Sequence[ObjectRef]) -> ObjectRef:
    if len(found) > 1:
        spellings = ", ".join(f"{item.kind}:{item.name if item.id is None else item.id}" for item in found[:5])
        raise UsageError(f"{len(found)} objects are named “{text}”", hint=f"Say which: {spellings}{', …' if len(found) > 5 else ''}.")
    return found[0]


def _unknown_kind(kind: str, colon: str, text: str) -> UsageError:
    if colon and nearest(kind, Kind):
        return UsageError(f"there is no kind of object “{kind}”", hint=did_you_mean(kind, Kind))
    return UsageError(f"“{text}” does not say what kind of object it is", hint=f"{_HOW} Or name a snapshot with --snapshot.")


def _suggest(near: str | None) -> str:
    return f"Did you mean “{near}”?" if near else ""
