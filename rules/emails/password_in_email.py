"""Finds emails that print a password.

What it finds
-------------
Published emails that print a custom field which holds a password: its key contains “password”, “passwort”, “kennwort” or “pwd”, or ends in
“pass”. Links for setting or resetting a password are fine.

Why it matters
--------------
The password lies in clear text in every mailbox, and in your Kit account, where every team member, every export and every connected
app can read it. Many people use one password everywhere. A leak costs you the trust of everybody who bought.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Delete the password line, and write: “Set your password here”, linked to the “set password” or “lost password” page of your site.
   With the line gone, members who had a login before read no blank password either: it needs no fallback.
3. Save it.
4. In your membership plugin, choose not to store passwords in the CRM.
5. When no email shows the field any more: open Grow → Subscribers and delete the custom field. This deletes the stored passwords.

When to ignore it
-----------------
The field holds a code that works once and expires within hours.

Sources
-------
- AccessAlly's ConvertKit guide, step 2, prints the password as an option:
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S15)
- AccessAlly today recommends not to store passwords in the CRM: https://kb.accessally.com/tutorials/password-guide
- AccessAlly on passwords in welcome emails: https://kb.accessally.com/tutorials/should-you-send-passwords-in-a-welcome-email/
- The guide and AccessAlly's newer pages contradict each other here; this rule follows the newer ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Kind, Need, Options, Rule, Severity, Theme, content

RULE = Rule(
    code="CK504",
    name="password-in-email",
    title="Passwords go out in clear text",
    passing="No email prints a password",
    severity=Severity.WARNING,
    theme=Theme.EMAILS,
    harm=Harm.LEAK,
    exposure=7.5,  # customers' passwords in clear text
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=15,
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text that shows a password. A password in an address is another rule's finding."""
    for document in graph.contents.documents:
        finding = _shown(document)
        if finding:
            yield finding


def _shown(document: content.Document) -> Finding | None:
    for variable in document.variables:
        in_text = variable.printed and not variable.attribute and not variable.in_comment
        if in_text and variable.root == "subscriber" and variable.is_password:
            return Finding(
                object=document.object,
                message=f"{document.label} prints the password field “{variable.leaf}”. Whoever reads the mailbox, an export or your Kit "
                "account has your customers' passwords. AccessAlly recommends today to link to a “set your password” page instead.",
                related=document.related,
                path=(variable.position.step(f"{{{{ {variable.name} }}}}"),),
                cause=variable.leaf,
            )
    return None
