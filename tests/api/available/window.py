"""A small shop window whose numbers are told apart by their last digit."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from compliance.models import NumberTypeRule
from numbering.models import Place, PlacePrefix
from numbering.types import Capability, NumberType
from testing_lab.proofs import passed_mask
from tests.factories import NumberFactory

VOICE, SMS, MMS, FAX = Capability.VOICE, Capability.SMS, Capability.MMS, Capability.FAX
KNOWN = {"granularity": "locality", "source": "libphonenumber", "synthetic": True}
SAN_FRANCISCO = Place(
    id=1, name="San Francisco", normalised_name="san francisco", country="US", region="CA", region_name="California",
    latitude=37.77, longitude=-122.42, postal_code="94103", lata="722", rate_centre="SNFC", **KNOWN,
)  # fmt: skip
OAKLAND = Place(
    id=2, name="Oakland", normalised_name="oakland", country="US", region="CA", region_name="California",
    latitude=37.80, longitude=-122.27, postal_code="94607", lata="722", rate_centre="OKLD", **KNOWN,
)  # fmt: skip
NEW_YORK = Place(
    id=3, name="New York", normalised_name="new york", country="US", region="NY", region_name="New York",
    latitude=40.71, longitude=-74.01, postal_code="10007", lata="132", rate_centre="NWYK", **KNOWN,
)  # fmt: skip
#: A prefix that names no more than the country: nothing is "the same as" there.
UNITED_STATES = Place(
    id=4, name="United States", normalised_name="united states", country="US", granularity="country",
    source="libphonenumber",
)  # fmt: skip
NUMBERS = [
    (14155550101, SAN_FRANCISCO, VOICE | SMS | MMS | FAX, False),
    (14155550102, SAN_FRANCISCO, VOICE, False),
    (15105550103, OAKLAND, VOICE | SMS, False),
    (12125550104, NEW_YORK, VOICE | SMS | MMS, True),
    (12125550105, NEW_YORK, VOICE | FAX, False),
]
IN_NEW_YORK = "+12125559999"  # not in stock: its prefix says where it lies
NOWHERE = "+13335559999"
#: One number of each type in Great Britain.
BRITISH = {number_type: 447_700_900_100 + n for n, number_type in enumerate(NumberType)}

#: Parameters of a search of US local numbers, and the last digits of what it finds.
FINDS: list[tuple[dict[str, str], set[int]]] = [
    ({}, {1, 2, 3, 4, 5}),
    ({"AreaCode": "415"}, {1, 2}),
    ({"AreaCode": "999"}, set()),
    ({"Contains": "5550103"}, {3}),
    ({"Contains": "+1212"}, {4, 5}),
    ({"Contains": " 1212"}, {4, 5}),  # a plus sign that was not percent-encoded
    ({"Contains": "0104$"}, {4}),
    ({"Contains": "KKK0105"}, {5}),
    ({"Contains": "5*5*1*3"}, {3}),
    ({"Contains": "415%2"}, {2}),
    ({"Contains": "4155550109"}, set()),
    ({"SmsEnabled": "true"}, {1, 3, 4}),
    ({"MmsEnabled": "true"}, {1, 4}),
    ({"VoiceEnabled": "true"}, {1, 2, 3, 4, 5}),
    ({"FaxEnabled": "true"}, {1, 5}),
    ({"FaxEnabled": "true", "SmsEnabled": "true"}, {1}),
    ({"SmsEnabled": "false"}, {1, 2, 3, 4, 5}),
    ({"ExcludeAllAddressRequired": "true"}, set()),
    ({"ExcludeAllAddressRequired": "false"}, {1, 2, 3, 4, 5}),
    ({"ExcludeLocalAddressRequired": "true"}, set()),
    ({"ExcludeForeignAddressRequired": "true"}, {1, 2, 3, 4, 5}),
    ({"Beta": "false"}, {1, 2, 3, 5}),
    ({"Beta": "true"}, {1, 2, 3, 4, 5}),
    ({"NearNumber": "+14155550101"}, {1, 2, 3}),
    ({"NearNumber": "+14155550101", "Distance": "5"}, {1, 2}),
    ({"NearNumber": IN_NEW_YORK, "Distance": "0"}, {4, 5}),
    ({"NearNumber": NOWHERE}, set()),
    ({"NearLatLong": "37.80,-122.27", "Distance": "5"}, {3}),
    ({"NearLatLong": "37.80,-122.27", "Distance": "500"}, {1, 2, 3}),
    ({"InPostalCode": "94607"}, {3}),
    ({"InPostalCode": "+15105550103"}, {3}),
    ({"InRegion": "NY"}, {4, 5}),
    ({"InRegion": "california"}, {1, 2, 3}),
    ({"InRegion": "+12125550104"}, {4, 5}),
    ({"InRegion": NOWHERE}, set()),
    ({"InLata": "722"}, {1, 2, 3}),
    ({"InLata": IN_NEW_YORK}, {4, 5}),
    ({"InLata": "722", "InRateCenter": "OKLD"}, {3}),
    ({"InLata": "+14155550102", "InRateCenter": "+14155550102"}, {1, 2}),
    ({"InLocality": "new york"}, {4, 5}),
    ({"InLocality": IN_NEW_YORK}, {4, 5}),
    ({"InLocality": "+1 (415) 555-0101"}, {1, 2}),
    ({"InLocality": "Nowhere"}, set()),
    ({"InLocality": "Oakland", "AreaCode": "415"}, set()),
    ({"InRegion": "CA", "AreaCode": "510", "SmsEnabled": "true", "Contains": "555"}, {3}),
]
#: The same for the parameters that are ours.
FINDS_BY_PASSPORT: list[tuple[dict[str, str], set[int]]] = [
    ({"TestedWithin": "1"}, {1}),
    ({"TestedWithin": "P1W"}, {1, 2}),
    ({"TestedWithin": "PT1H"}, {1}),
    ({"TestedWithin": "P3DT12H"}, {1, 2}),
    ({"TestedWithin": "30"}, {1, 2, 3, 4}),
    ({"MustPass": "V01"}, {1, 2, 3, 4}),
    ({"MustPass": "V01,S01"}, {1, 3, 4}),
    ({"MustPass": "s01, v05"}, {1, 4}),
    ({"MustPass": "M01"}, set()),
    ({"MustPass": "V01", "TestedWithin": "30", "AreaCode": "415"}, {1, 2}),
    ({"MustPass": "V01", "TestedWithin": "30", "Contains": "555"}, {1, 2, 3, 4}),
]
#: By their last digit: how many days ago they were tested, and what they passed.
PAPERS = {1: (0, "V01 V05 S01"), 2: (3, "V01"), 3: (20, "V01 S01"), 4: (20, "V01 V05 S01")}


def set_out() -> None:
    """Put the numbers on sale. US local numbers ask for a local address, which nobody has confirmed; of the British
    kinds nothing was read."""
    NumberTypeRule.objects.create(
        country="US", number_type="local", address_requirement="local", confidence="inferred", enforced=False,
        needs_bundle=False, valid_from="2020-01-01",
    )  # fmt: skip
    Place.objects.bulk_create([SAN_FRANCISCO, OAKLAND, NEW_YORK, UNITED_STATES])
    PlacePrefix.objects.bulk_create(
        PlacePrefix(prefix=prefix, country="US", place=place)
        for prefix, place in ((1, UNITED_STATES), (1212, NEW_YORK))
    )
    for e164, place, capabilities, beta in NUMBERS:
        NumberFactory.create(
            **{"e164": e164, "place": place, "region": place.region, "capabilities": capabilities, "beta": beta},
            **_papers(e164 % 10),
        )
    for number_type, e164 in BRITISH.items():
        NumberFactory.create(e164=e164, country="GB", number_type=number_type)
    NumberTypeRule.objects.filter(country="GB").update(address_requirement="unknown", enforced=False)


def _papers(last_digit: int) -> dict[str, Any]:
    if last_digit not in PAPERS:
        return {}
    days, codes = PAPERS[last_digit]
    measured = {"mos": 4.312, "post_dial_delay": 1.25}
    return measured | {"tested_at": timezone.now() - timedelta(days=days), "passed_tests": passed_mask(codes.split())}
