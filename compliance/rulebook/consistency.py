"""What the parts of a country file say together: rules of the grammar, each about one group of keys."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import phonenumbers

from compliance.rulebook.catalogue import Catalogue
from compliance.rulebook.findings import Report, instead, told
from compliance.rulebook.patterns import trouble_with
from compliance.rulebook.reading import Path
from compliance.rulebook.shapes import Rule, Shape
from numbering.countries import name_of
from numbering.types import NumberType

Part = Mapping[str, Any]

#: Where nothing was read, nothing is a fact.
NOT_READ = ("inferred", "unknown")
#: A number type that must be described or listed as not described; the others may.
EXPECTED_TYPES = tuple(sorted(set(NumberType.values) - {NumberType.MACHINE_TO_MACHINE.value}))
_SCOPES = {
    "none": {"any"},
    "any": {"any"},
    "local": {"country", "area_code"},
    "foreign": {"not_in_country"},
    "unknown": {"unknown"},
}


def of_the_whole(document: Part, country: str, report: Report) -> None:
    """What the parts of the file say of each other. `country`: by the name of the file."""
    _is_of_its_country(document, country, report)
    _types_stand_once(document, report)
    _sources_are_listed(document, report)


def _is_of_its_country(document: Part, country: str, report: Report) -> None:
    said, name = document.get("country"), document.get("country_name")
    if said != country:
        report.add(("country",), f"the file's name says {country}, so {told(said)} can't stand here")
    elif not _is_country(country):
        report.add(("country",), f"no country has the code {country}")
    elif (other := _code_of(str(name))) not in {None, country}:
        report.add(("country_name",), f"{told(name)} is {other}; {country} is {name_of(country)}")
    address = document.get("address_format")
    if isinstance(address, dict) and address.get("country_code") not in (country, None):
        report.add(("address_format", "country_code"), f"this is the file of {country}")


def _types_stand_once(document: Part, report: Report) -> None:
    described, others = document.get("number_types"), document.get("not_described", [])
    if not isinstance(described, dict) or not isinstance(others, list):
        return
    for place, name in enumerate(others):
        if isinstance(name, str) and name in described:
            report.add(("not_described", place), f"{told(name)} is described under number_types; it can't be both")
    if missing := [name for name in EXPECTED_TYPES if name not in described and name not in others]:
        where = ("not_described",) if "not_described" in document else ("number_types",)
        report.add(where, f"nothing is said of {', '.join(missing)}: describe them, or list them under not_described")


def _sources_are_listed(document: Part, report: Report) -> None:
    listed = document.get("sources")
    known = {str(each.get("id")) for each in listed if isinstance(each, dict)} if isinstance(listed, list) else set()
    for path, name in _references(document, ()):
        if isinstance(name, str) and name not in known:
            report.add(path, f"the source {told(name)} is not listed under sources; {instead(name, known)}")


def _references(part: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every entry of a list called sources, but for those of the file itself."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "sources" and path and isinstance(value, list):
                yield from (((*path, key, place), name) for place, name in enumerate(value))
            else:
                yield from _references(value, (*path, key))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from _references(value, (*path, place))


def source_ids_are_given_once(sources: Sequence[Part], path: Path, report: Report) -> None:
    """A reference must mean one source."""
    _once([source["id"] for source in sources], "id", "source", path, report)


def requirements_are_named_once(requirements: Sequence[Part], path: Path, report: Report) -> None:
    """A paper says by this name which requirement it is for."""
    names = [requirement["requirement_name"] for requirement in requirements]
    _once(names, "requirement_name", "requirement", path, report)


def papers_are_named_once(papers: Sequence[Part], path: Path, report: Report) -> None:
    """Two entries of one type would each ask for something else."""
    _once([paper["type"] for paper in papers], "type", "document type", path, report)


def _once(names: Sequence[str], key: str, what: str, path: Path, report: Report) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            report.add((*path, place, key), f"the {what} {told(name)} stands in the list twice")


def only_what_was_read_is_enforced(rules: Part, path: Path, report: Report) -> None:
    """An unconfirmed rule is never enforced as fact: an operator decides."""
    if not rules["enforced"]:
        return
    if rules["confidence"] in NOT_READ:
        what = f"the confidence is {rules['confidence']}, so this can't be enforced; write false"
        report.add((*path, "enforced"), what)
        return
    for name, given in rules["end_user_types"].items():
        if given["confidence"] in NOT_READ and given["available"] != "unknown":
            what = f"the confidence of {name} is {given['confidence']}, so write available: unknown"
            report.add((*path, "end_user_types", name, "available"), what)


def scope_fits_the_requirement(rules: Part, path: Path, report: Report) -> None:
    """Twilio's word for the address and the scope that we check must mean the same."""
    requirement, scope = rules["address_requirement"], rules["constraints"]["address_scope"]
    if scope not in _SCOPES[requirement]:
        wanted = " or ".join(sorted(_SCOPES[requirement]))
        what = f"{scope} contradicts address_requirement: {requirement}, which means {wanted}"
        report.add((*path, "constraints", "address_scope"), what)


def asks_where_it_is_available(given: Part, path: Path, report: Report) -> None:
    """Who may have such numbers is told what to give; who may not is asked for nothing."""
    if given["available"] is True:
        for key in ("end_user", "supporting_documents"):
            if key not in given:
                empty = "[]" if key == "supporting_documents" else "the group with an empty list of fields"
                report.add(path, f"the key “{key}” is missing; if nothing is asked, write {empty}")
    elif given["available"] is False:
        for key in ("end_user", "supporting_documents", "conditional_documents"):
            if given.get(key):
                report.add((*path, key), "something is asked here, but available is false: nobody can give it")


def no_field_is_both(given: Part, path: Path, report: Report) -> None:
    """A field is asked for or offered."""
    for place, name in enumerate(given.get("optional_fields", ())):
        if name in given["fields"]:
            report.add((*path, "optional_fields", place), f"{told(name)} is required already")


def age_limits_are_of_accepted_papers(requirement: Part, path: Path, report: Report) -> None:
    """A limit for a paper that is not accepted limits nothing."""
    accepted = [paper["type"] for paper in requirement["accepted"]]
    for name in requirement.get("max_age_months_by_type", ()):
        if name not in accepted:
            report.add(
                (*path, "max_age_months_by_type", name),
                f"{told(name)} is not among the accepted papers; {instead(name, accepted)}",
            )


def paper_shows_its_fields(catalogue: Catalogue) -> Rule:
    """A paper shows only what its type has, and only an address record does without a file."""

    def look(paper: Part, path: Path, report: Report) -> None:
        known = catalogue.document_types[paper["type"]]
        shown = [field.machine_name for field in known.fields]
        for place, name in enumerate(paper["fields"]):
            if name not in shown:
                what = f"a {known.friendly_name.lower()} does not show {told(name)}; {instead(name, shown)}"
                report.add((*path, "fields", place), what)
        if paper.get("file_required", True) is not known.file_required:
            needed = "needs its file" if known.file_required else "has no file: write file_required: false"
            report.add((*path, "file_required"), f"a {known.friendly_name.lower()} {needed}")

    return look


def aging_has_room(limits: Part, path: Path, report: Report) -> None:
    """A hold must be able to end."""
    least, most = limits["minimum_days"], limits["maximum_days"]
    if least is not None and most is not None and least > most:
        report.add((*path, "maximum_days"), f"{most} days at most, but {least} at least: no hold could ever end")


def aging_says_where_it_stands(aging: Part, path: Path, report: Report) -> None:
    """Days that decide over numbers have a source and a first day to count from."""
    limits = [aging, *(aging.get("by_previous_use") or {}).values()]
    if all(limit["minimum_days"] is None and limit["maximum_days"] is None for limit in limits):
        return
    for key in ("clock_start", "legal_source"):
        if aging[key] is None:
            report.add((*path, key), "days are given, so this must be, too")
    if aging["confidence"] == "unknown":
        report.add((*path, "confidence"), "days are given, so something is known; if it was not read, write inferred")


def days_are_low_and_high(days: Sequence[int], path: Path, report: Report) -> None:
    """Two numbers, the lower one first."""
    if len(days) != 2 or days[0] > days[1]:
        report.add(path, "two numbers are wanted here, the lower one first, like [1, 3]")


def postal_code_pattern_is_sound(address: Part, path: Path, report: Report) -> None:
    """A pattern that compiles, is quick on every text, and accepts the example."""
    pattern, example = address["postal_code_pattern"], address["postal_code_example"]
    if pattern is None:
        return
    if trouble := trouble_with(pattern):
        report.add((*path, "postal_code_pattern"), trouble)
    elif example is not None and not re.fullmatch(pattern, example):
        report.add((*path, "postal_code_example"), f"the pattern does not accept {told(example)}")


def issuing_country(value: Any, path: Path, report: Report) -> None:
    """A country, for the papers of just one."""
    if not isinstance(value, str) or not _is_country(value):
        report.add(path, f"{told(value)} is no country; write same, same_or_eu or a code such as DE")


def identifier_field(catalogue: Catalogue) -> Shape:
    """The name of a field; countries may check one that nobody asks for yet, but not misspell one that is known."""

    def look(name: str, path: Path, report: Report) -> None:
        near = get_close_matches(name, list(catalogue.fields), n=1, cutoff=0.86)
        if name not in catalogue.fields and near:
            report.add(path, f"{told(name)} is no field; did you mean “{near[0]}”?")

    return look


def _is_country(code: str) -> bool:
    return code in phonenumbers.SUPPORTED_REGIONS or name_of(code) != code


def _code_of(name: str) -> str | None:
    return next((code for code in phonenumbers.SUPPORTED_REGIONS if name_of(code).casefold() == name.casefold()), None)
