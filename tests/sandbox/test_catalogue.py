"""What the carriers sell is real in format, unique, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import phonenumbers
import pytest
import yaml
from phonenumbers import PhoneNumberType as Kind

from sandbox.catalogue import TYPES, BadCatalogue, Catalogue, Range, load, page
from sandbox.settings import DATA

FIXED, EITHER = Kind.FIXED_LINE, Kind.FIXED_LINE_OR_MOBILE
MEANINGS = {
    "local": {FIXED, EITHER},
    "mobile": {Kind.MOBILE},
    "national": {Kind.UAN, FIXED},  # libphonenumber counts Germany's 032 among the fixed lines
    "toll_free": {Kind.TOLL_FREE},
    "shared_cost": {Kind.SHARED_COST},
    "voip": {Kind.VOIP},
    "machine_to_machine": {Kind.MOBILE},  # the Dutch 097; other ranges for machines are unknown to libphonenumber
}
FILE = DATA / "carriers.yaml"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(FILE, seed=1)


def ranges(catalogue: Catalogue) -> list[Range]:
    return [r for carrier in catalogue.carriers.values() for r in carrier.ranges]


def unknown_to_libphonenumber() -> set[tuple[str, str]]:
    carriers = yaml.safe_load(FILE.read_text())["carriers"]
    products = [product for carrier in carriers for product in carrier["products"]]
    return {(p["country"], p["type"]) for p in products if p.get("unknown_to_phonenumbers")}


def test_every_number_type_is_sold_and_many_countries_are_served(catalogue: Catalogue) -> None:
    products = {(r.product.country, r.product.type) for r in ranges(catalogue)}
    assert {kind for _, kind in products} == set(TYPES)
    assert len({country for country, _ in products}) >= 14
    assert len({r.area_code for r in ranges(catalogue) if r.product.country == "US" and r.locality}) >= 20
    assert len(catalogue.carriers) >= 3


def test_every_offer_is_a_valid_number_of_its_country_and_type(catalogue: Catalogue) -> None:
    unknown = unknown_to_libphonenumber()
    for r in ranges(catalogue):
        for index in {*range(0, r.stock, 37), r.stock - 1}:
            number = phonenumbers.parse(r.number(index))
            assert phonenumbers.region_code_for_country_code(number.country_code or 0) in (r.product.country, "US")
            if (r.product.country, r.product.type) not in unknown:
                assert phonenumbers.is_valid_number(number), r.number(index)
                assert phonenumbers.number_type(number) in MEANINGS[r.product.type], r.number(index)


def test_numbers_that_libphonenumber_does_not_know_are_really_unknown_and_possible_e164(
    catalogue: Catalogue,
) -> None:
    unknown = unknown_to_libphonenumber()
    assert unknown
    for r in ranges(catalogue):
        if (r.product.country, r.product.type) in unknown:
            assert not phonenumbers.is_valid_number(phonenumbers.parse(r.number(0)))
            assert len(r.number(0)) <= 16  # + and 15 digits, E.164 6.2.1


def test_no_number_is_offered_twice(catalogue: Catalogue) -> None:
    for r in ranges(catalogue):
        assert len({r.number(i) for i in range(r.stock)}) == r.stock


def test_a_number_leads_back_to_the_range_that_offers_it(catalogue: Catalogue) -> None:
    for r in ranges(catalogue):
        assert all(catalogue.find(r.number(i)) is r and r.index(r.number(i)) == i for i in range(0, r.stock, 23))


def test_numbers_beyond_the_stock_and_odd_lengths_are_nobodys(catalogue: Catalogue) -> None:
    mobile = catalogue.carriers["petrel"].select("GB", "mobile", None)[0]
    assert catalogue.find(mobile.number(mobile.stock)) is None
    assert catalogue.find(mobile.number(0) + "0") is None
    assert catalogue.find(mobile.number(0)[:-1]) is None
    assert catalogue.find("+") is None


def test_another_seed_sells_other_numbers_first(catalogue: Catalogue) -> None:
    first = [r.number(0) for r in ranges(catalogue)]
    assert first == [r.number(0) for r in ranges(load(FILE, seed=1))]
    assert first != [r.number(0) for r in ranges(load(FILE, seed=2))]


def test_north_american_numbers_imply_no_subscriber(catalogue: Catalogue) -> None:
    nanp = [r for r in ranges(catalogue) if r.prefix.startswith("+1")]
    assert nanp
    assert all(r.prefix[-5:] == "55501" for r in nanp)


def test_pages_cover_the_stock_once_and_leave_out_what_is_taken(catalogue: Catalogue) -> None:
    wanted = catalogue.carriers["gannet"].select("SE", "local", None)
    taken = {wanted[0].number(0), wanted[1].number(7)}
    seen: list[str] = []
    position: int | None = 0
    while position is not None:
        found, position = page(wanted, start=position, limit=23, taken=taken.__contains__)
        seen += [number for number, _ in found]
    assert len(seen) == len(set(seen)) == 300 - len(taken)
    assert not taken & set(seen)


def test_a_page_without_an_area_code_shows_many_places(catalogue: Catalogue) -> None:
    found, _ = page(
        catalogue.carriers["tern"].select("US", "local", None), start=0, limit=50, taken=lambda number: False
    )
    assert len({source.area_code for _, source in found}) == 50


def test_overlapping_ranges_are_refused(tmp_path: Path) -> None:
    document = yaml.safe_load(FILE.read_text())
    greedy = {**document["carriers"][0]["products"][0], "numbers": "+1 415 555 xxxx", "places": [["415", "A", "B"]]}
    document["carriers"][1]["products"].append(greedy)
    path = tmp_path / "carriers.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(BadCatalogue, match="more than one range"):
        load(path, seed=1)
