"""What stands in the letters that pages send."""

import re

from django.core import mail

CODE = re.compile(r"^ {4}([A-Z]{4}-[A-Z]{4})$", re.MULTILINE)


def newest_code(address: str) -> str:
    """The code of the newest letter, which went to that address."""
    letter = mail.outbox[-1]
    assert letter.to == [address]
    found = CODE.search(str(letter.body))
    assert found, letter.body
    return found[1]


def newest_link() -> str:
    """The path of the link in the newest letter."""
    found = re.search(r"^https?://[^/\s]+(/\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]
