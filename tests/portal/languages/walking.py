"""Going from page to page, and keeping what each says in English."""

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import resolve

from testing_lab.registry import all_tests
from tests.portal.languages.reading import untranslated

#: What the people of these tests gave: names, streets, towns, files.
DATA = (
    *(test.code for test in all_tests()),
    *("Ada's shop", "Branch", "Front desk", "Berlin office", "Half written", "billing server", "work laptop"),
    *("Musterfirma GmbH", "Musterfirma", "Erika Mustermann", "Erika", "Mustermann", "Unter den Linden", "Head office"),
    *("Berlin", "Hamburg", "Oakland, CA", "Oakland", "San Francisco, CA", "San Francisco", "New York, NY", "New York"),
    *(
        "Atlantis",
        "TK",
        "TAXI",
        "taxi",
        "HRB",
        "Charlottenburg",
        "Postfach 12",
        "B\u0435rlin",
        "pigeon",
        "Cork",
        "A65 F4E2",
        "EC1Y 8SY",
        "XX",
    ),
)


class Walk:
    """A person's way. `found`: by what was opened, every piece of text that nobody can translate; `pages`: the names of
    the pages that were opened."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.found: dict[str, list[str]] = {}
        self.pages: set[str] = set()

    def get(self, path: str, status: int = 200, *, query: Mapping[str, Any] | None = None) -> Any:
        """Open a page, and read it."""
        return self._read(
            f"GET {path}", self.client.get(path, query or {}, headers={"Accept-Language": "de"}), status, path
        )

    def post(self, path: str, given: Mapping[str, Any] | None = None, status: int = 200, *, htmx: bool = False) -> Any:
        """Send a form, and read where that leads."""
        spoken = {"Accept-Language": "de", **({"HX-Request": "true"} if htmx else {})}
        answer = self.client.post(path, given or {}, follow=True, headers=spoken)
        return self._read(f"POST {path}", answer, status, path)

    def _read(self, what: str, answer: Any, status: int, path: str) -> HttpResponseBase:
        assert answer.status_code == status, (what, answer.status_code, answer.headers)
        self.pages.add(resolve(path.partition("?")[0]).url_name or "")
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if is_page and (left := untranslated(answer.content.decode(), data=DATA)):
            self.found[what] = left
        return answer  # type: ignore[no-any-return]
