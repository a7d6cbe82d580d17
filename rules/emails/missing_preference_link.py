"""Finds login and module sequences without the subscriber preferences link.

What it finds
-------------
The sequences that bring buyers their login and their lessons. When no published email of such a sequence offers the subscriber
preferences link (``{{ subscriber_preferences_link }}`` or ``{{ subscriber_preferences_url }}``), directly or through a snippet, that is
one warning for the sequence. So are the sequences for people who pay a subscription in Kit's own shop. When there is no such sequence,
something is sold (an offering, a purchase, a membership site), and no email of the whole account offers the link, that is one note for the
account. The footer of an email template is not in Kit's API, so a link that stands there cannot be seen.

Why it matters
--------------
Without the link the only way out of an email is to unsubscribe from everything. A buyer who only wanted less news then gets no lessons,
no login emails and no news of a refund either: AccessAlly says that an unsubscribe stops tags and automations too. People who paid and
hear nothing ask for their money back. In Kit's own shop an unsubscribe even ends the paid subscription.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Open its first email and click at the end of the text.
3. Write “Update your profile”, select it, click the link icon and give “{{ subscriber_preferences_url }}” as the address.
4. Add a second link that lets people leave your news but keep their lessons: a link trigger that adds a tag such as “No newsletter”.
5. Exclude that tag in the settings of your newsletter and sales sequences.
6. Save it, and send the email to yourself: the link does not work in a preview.

When to ignore it
-----------------
The link stands in the footer of the email template. Open Email Templates (under Send), look, and accept this finding when it does.

Sources
-------
- Subscriber preferences link, both shortcodes, what the page offers: https://help.kit.com/en/articles/4600311
- AccessAlly's ConvertKit guide, "Important ConvertKit Details To Note": https://kb.accessally.com/tutorials/convertkit-automation/
  (claim S2)
- Who unsubscribes from the list is no longer charged for paid subscriptions:
  https://help.convertkit.com/en/articles/6027690-convertkit-commerce-subscription-product-faqs
- Options people can choose from: https://help.convertkit.com/en/articles/6543959
- The guide speaks of links "so your contacts can select"; Kit's page edits the name and the address only. So step 4 is needed as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObjectRef,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    content,
)

RULE = Rule(
    code="CK501",
    name="missing-preference-link",
    title="Buyers can only unsubscribe from everything",
    passing="Buyers find the subscriber preferences link in their emails",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    theme=Theme.EMAILS,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    variants={
        "sequence": Variant("Buyers can only unsubscribe from everything"),
        "paid-subscription": Variant("Who wants less mail also ends the paid subscription"),
        "account": Variant(
            "No email offers the subscriber preferences link",
            Severity.INFO,
            (
                "Open Send → Email Templates and choose the template your emails use.",
                "In its footer write “Update your profile”, link it to “{{ subscriber_preferences_url }}”, and save it: every email with this template has the link from then on.",
                "Send one of the emails to yourself: the link does not work in a preview.",
            ),
        ),
    },
)

FOOTER = "The footer of the email template cannot be seen from here: if the link stands there, accept this finding."


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One warning for each login or module sequence; else one note when the whole account has no such link."""
    mails = [mail for mail in graph.contents.mails if mail.readable]
    keys = dict.fromkeys((*graph.logins.sequences, *graph.keys(RoleName.MODULE_SEQUENCE)))
    paid = {key: item for item in graph.all_memberships for key in _paid_for(graph, item) if key not in keys}
    lacking = [key for key in (*keys, *paid) if _lacks(graph, key)]
    for key in lacking:
        yield _for_subscribers(graph, key, paid[key]) if key in paid else _for_sequence(graph, key)
    sells = graph.has_membership or graph.has_products or bool(graph.keys(RoleName.PURCHASE))
    if sells and not lacking and mails and not any(_offers(mail) for mail in mails):
        yield _for_account(graph, len(mails))


def _paid_for(graph: Graph, membership: Membership) -> Iterator[Key]:
    """The sequences that buyers of a subscription in Kit's own shop get."""
    in_kit = membership.stack.unsubscribe_ends_subscription and membership.keys(RoleName.PRODUCT) and not membership.external_orders
    if in_kit and membership.is_recurring:
        for flow in graph.flows:
            if any(membership.has(node.target, RoleName.PRODUCT, RoleName.PURCHASE) for node in flow.entries):
                yield from (node.enrols for node in flow.steps if node.enrols)


def _lacks(graph: Graph, key: Key) -> bool:
    mails = graph.contents.of(key)
    return bool(mails) and all(mail.readable for mail in mails) and not any(_offers(mail) for mail in mails)


def _offers(mail: content.Mail) -> bool:
    """A wrongly used shortcode counts here; that it is wrong is another rule's finding."""
    return any(variable.is_preference_link and variable.printed and not variable.in_comment for variable in mail.variables)


def _for_sequence(graph: Graph, key: Key) -> Finding:
    sequence = graph.object(key)
    what = "login email" if key in graph.logins.sequences else "lessons"
    return Finding(
        object=sequence,
        variant="sequence",
        message=f"No published email of “{sequence.name}” offers the subscriber preferences link. It brings buyers their {what}; a buyer "
        f"who has had enough of your other emails can only unsubscribe from everything, and then does not get what was paid for. {FOOTER}",
        people=graph.people(key) or None,
    )


def _for_subscribers(graph: Graph, key: Key, membership: Membership) -> Finding:
    sequence = graph.object(key)
    return Finding(
        object=sequence,
        variant="paid-subscription",
        message=f"No published email of “{sequence.name}” offers the subscriber preferences link. It goes to people who pay for “{membership.name}”: "
        f"who has had enough of your other emails can only unsubscribe from everything, and in Kit's own shop that ends the paid subscription. {FOOTER}",
        related=(membership.object,),
        people=graph.people(key) or None,
    )


def _for_account(graph: Graph, count: int) -> Finding:
    info = graph.account.info
    return Finding(
        object=ObjectRef(Kind.ACCOUNT, (info and info.name) or "this account", info.id if info else None),
        variant="account",
        message=f"None of the {count} published emails in active sequences offers the subscriber preferences link. People who want "
        "to change "
        f"their address or get less can only unsubscribe from everything. {FOOTER}",
    )
