"""What people save or copy of Kit's pages: the account's names found in it (``anchors``), its shape without any text (``shape``), and
an automation read from the text of its page (``paste``).

None of it has seen a real page yet: what a page looks like is not known to us and may change.
"""
