"""Every address of the platform, read from the resolver: an address that is new is probed without being listed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.urls import get_resolver
from django.urls.resolvers import URLResolver

PORTAL, CONSOLE, API, OPERATIONS = "portal", "console", "api", "operations"
#: A part of a pattern that stands for something: `<int:pk>`, `(?P<sid>BU[0-9a-f]{32})`.
ARGUMENT = re.compile(r"\(\?P<\w+>(?:\[[^\]]*\]|\([^)]*\)|[^()])*\)|<\w+:\w+>|<\w+>")
WORDS = re.compile(r"\(\?P<\w+>(\w+(?:\|\w+)+)\)")
API_ROOTS = (
    "2010-04-01/",
    "v2/",
    "numbers-upload/",
    "inventory/v1/",
    "lab/v1/",
    "compliance/v1/",
    "docs/",
    "passports/",
)


class Route(NamedTuple):
    """`pattern`: a path with its arguments as they are written in the code; `door`: who is served there."""

    door: str
    name: str
    pattern: str

    @property
    def arguments(self) -> list[str]:
        """What has to be put in."""
        return ARGUMENT.findall(self.pattern)

    def path(self, values: Mapping[str, str]) -> str:
        """With these values, by what stands for them: alone, or with the words of the path before it where that tells
        more. Raises KeyError for what nobody gave one."""
        path, done = "", 0
        for found in ARGUMENT.finditer(self.pattern):
            path += self.pattern[done : found.start()]
            path += _value(values, path, found[0])
            done = found.end()
        return "/" + path + self.pattern[done:]


def filled_with(text: str, route: Route) -> str:
    """Its path with the same text for every argument."""
    return "/" + ARGUMENT.sub(lambda _: text, route.pattern)


def _value(values: Mapping[str, str], before: str, argument: str) -> str:
    """The longest key that fits: `keys/<str:sid>` before `<str:sid>`."""
    fitting = [key for key in values if key.endswith(argument) and before.endswith(key.removesuffix(argument))]
    if not fitting:
        raise KeyError(f"{before}{argument}: give it a value in tests/security/world.py")
    return values[max(fitting, key=len)]


def every_route() -> list[Route]:
    """All but the patterns that catch what no other does."""
    catching = ("(", "/*(", "console/(?P<url>")
    found = [route for route in _within(get_resolver(), "", "") if not route.pattern.startswith(catching)]
    spelt = [route._replace(pattern=pattern) for route in found for pattern in _spelt(route.pattern)]
    return list({(route.door, route.pattern): route for route in spelt}.values())


def at(door: str) -> list[Route]:
    """Those of one door."""
    return [route for route in every_route() if route.door == door]


def _spelt(pattern: str) -> list[str]:
    """One for each word, where an argument is one of a few: `(?P<step>where|you)`."""
    found = WORDS.search(pattern)
    return [pattern.replace(found[0], word) for word in found[1].split("|")] if found else [pattern]


def _within(resolver: URLResolver, before: str, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern).removeprefix("^").removesuffix("$").replace("\\Z", "")
        if isinstance(pattern, URLResolver):
            yield from _within(pattern, path, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield Route(_door(path, pattern.callback), f"{namespace}{pattern.name or ''}", path)


def _door(path: str, view: Any) -> str:
    if path.startswith("console/"):
        return CONSOLE
    if path.startswith(API_ROOTS):
        return API
    return OPERATIONS if view.__module__ == "config.health" else PORTAL
