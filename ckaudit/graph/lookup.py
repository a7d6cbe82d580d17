"""The objects of an account by key, in constant time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from ckaudit.graph.nodes import SequenceTiming
from ckaudit.model.account import (
    Account,
    Broadcast,
    CustomField,
    EmailTemplate,
    Form,
    Segment,
    Sequence,
    SequenceEmail,
    Snippet,
    Tag,
    Webhook,
    WebhookEndpoint,
)
from ckaudit.model.refs import Key, Kind, ObjectRef

AnyObject: TypeAlias = (
    Tag | Form | Sequence | SequenceEmail | CustomField | Snippet | Segment | EmailTemplate | Broadcast | Webhook | WebhookEndpoint
)


class Lookup:
    """The objects of one account. Keys of objects the API does not list give None."""

    def __init__(self, account: Account) -> None:
        self.objects: dict[Key, AnyObject] = {}
        groups: tuple[tuple[Kind, Iterable[AnyObject]], ...] = (
            (Kind.TAG, account.tags),
            (Kind.FORM, account.forms),
            (Kind.SEQUENCE, account.sequences),
            (Kind.EMAIL, account.sequence_emails),
            (Kind.FIELD, account.custom_fields),
            (Kind.SEGMENT, account.segments),
            (Kind.SNIPPET, account.snippets),
            (Kind.TEMPLATE, account.email_templates),
            (Kind.BROADCAST, account.broadcasts),
        )
        for kind, group in groups:
            self.objects.update({Key(kind, item.id): item for item in group})
        self.objects.update({hook.key: hook for hook in account.webhooks})
        self.objects.update({hook.key: hook for hook in account.webhook_endpoints})
        self._emails: defaultdict[int, list[SequenceEmail]] = defaultdict(list)
        for email in account.sequence_emails:
            self._emails[email.sequence_id].append(email)
        for emails in self._emails.values():
            emails.sort(key=lambda email: (email.position is None, email.position or 0, email.id))

    def tag(self, key: Key) -> Tag | None:
        """The tag with this key."""
        found = self.objects.get(key)
        return found if isinstance(found, Tag) else None

    def form(self, key: Key) -> Form | None:
        """The form with this key."""
        found = self.objects.get(key)
        return found if isinstance(found, Form) else None

    def sequence(self, key: Key) -> Sequence | None:
        """The sequence with this key."""
        found = self.objects.get(key)
        return found if isinstance(found, Sequence) else None

    def emails(self, key: Key) -> tuple[SequenceEmail, ...]:
        """The emails of this sequence in their order (position, then id), drafts too."""
        return tuple(self._emails.get(key.id, ())) if isinstance(key.id, int) else ()

    def published(self, key: Key) -> tuple[SequenceEmail, ...]:
        """The published emails of this sequence in their order."""
        return tuple(email for email in self.emails(key) if email.published)

    def first_delay(self, key: Key) -> int:
        """Seconds the first published email of this sequence waits by itself; 0 without one."""
        return next((email.delay_seconds for email in self.published(key)), 0)

    def timing(self, key: Key) -> SequenceTiming:
        """What this sequence does to somebody in it. Drafts are skipped; an unknown sequence takes no time."""
        sequence = self.sequence(key)
        if sequence is None:
            return SequenceTiming()
        planned = sum(email.delay_seconds for email in self.published(key))
        return SequenceTiming(planned, passes=not sequence.hold and sequence.active is not False)

    def lets_go_at_once(self, key: Key) -> bool:
        """True for a known sequence that people have left in the second in which they came: what it has published goes out immediately."""
        timing = self.timing(key)
        return self.sequence(key) is not None and timing.passes and not timing.planned

    def name(self, key: Key) -> str:
        """The name people know this object by; the id as text when there is none."""
        found = self.objects.get(key)
        match found:
            case SequenceEmail() | Broadcast():
                return found.subject or "(no subject)"
            case CustomField():
                return found.label or found.key
            case Webhook():
                return found.target_url
            case WebhookEndpoint():
                return found.name or found.url
            case None:
                return str(key.id)
            case _:
                return found.name

    def object(self, key: Key) -> ObjectRef:
        """This object as results name it."""
        return ObjectRef(key.kind, self.name(key), key.id if key in self.objects else None)
