"""A walk through the portal in the language of brackets."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.translation import trans_real

from tests.portal.languages.pseudo import Pseudo
from tests.portal.languages.walking import Walk


@pytest.fixture(autouse=True)
def _brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    """German is the language of brackets, whatever its catalogue says."""
    monkeypatch.setitem(trans_real._translations, "de", Pseudo())  # type: ignore[attr-defined]


@pytest.fixture
def walk(ada: Client) -> Iterator[Walk]:
    """Hers; at its end it fails for every word on its way that stood outside of the brackets."""
    hers = Walk(ada)
    yield hers
    assert hers.found == {}


@pytest.fixture
def stranger(db: None) -> Iterator[Walk]:
    """Of somebody who is not signed in."""
    theirs = Walk(Client())
    yield theirs
    assert theirs.found == {}
