"""Following the pages of a search."""

from accounts.models import Account
from inventory.search.criteria import Criteria
from inventory.search.stock import Page, search


def all_pages(asked: Criteria, account: Account, size: int) -> list[int]:
    """Follow the pages to the end."""
    return [row.e164 for page in there(asked, account, size) for row in page.rows]


def there(asked: Criteria, account: Account, size: int) -> list[Page]:
    """The pages in their order."""
    pages = [search(asked, account=account, size=size)]
    while pages[-1].following:
        pages.append(search(asked, account=account, size=size, after=pages[-1].following))
        assert len(pages[-1].rows) <= size
    return pages


def back(asked: Criteria, account: Account, size: int, last: Page) -> list[Page]:
    """The same pages in the same order, read from the last to the first."""
    pages = [last]
    while pages[0].preceding:
        before = search(asked, account=account, size=size, after=pages[0].preceding, backwards=True)
        pages.insert(0, before)
    return pages
