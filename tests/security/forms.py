"""What a browser sees in a page: its elements, and its forms with what they would send."""

from html.parser import HTMLParser
from typing import Any, NamedTuple

Attributes = list[tuple[str, str | None]]


class Form(NamedTuple):
    """`fields`: the value of each name as the page has it."""

    action: str
    method: str
    fields: dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = {name: value or "" for name, value in attrs}
        self.elements.append((tag, said))
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get").lower(), {}))
        elif self.forms and tag in ("input", "select", "textarea", "button") and said.get("name"):
            self.forms[-1].fields.setdefault(said["name"], said.get("value", ""))


def _read(answer: Any) -> _Reader:
    reader = _Reader()
    reader.feed(answer.content.decode())
    return reader


def elements(answer: Any) -> list[tuple[str, dict[str, str]]]:
    """Each element of the page with its attributes."""
    return _read(answer).elements


def forms(answer: Any) -> list[Form]:
    """Each form of the page."""
    return _read(answer).forms


def is_page(answer: Any) -> bool:
    """Whether there is something to read."""
    kind = answer.headers.get("Content-Type", "")
    return answer.status_code == 200 and kind.startswith("text/html") and not answer.streaming
