"""Kit's list of automations, as somebody copied or saved it: ``read_page(text) -> Page``."""

from ckaudit.sources.automation_list.read import Listed, Page, read_page

__all__ = ["Listed", "Page", "read_page"]
