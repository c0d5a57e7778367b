"""Following the pages of a search."""

from accounts.models import Account
from inventory.search.criteria import Criteria
from inventory.search.stock import Page, search


def all_pages(asked: Criteria, account: Account, size: int) -> list[int]:
    """Follow the pages to the end."""
    found: list[int] = []
    page = Page([], None)
    first = True
    while first or page.following:
        page, first = search(asked, account=account, size=size, after=page.following), False
        assert len(page.rows) <= size
        found += [row.e164 for row in page.rows]
    return found
