"""How long a number must rest: the law's dated rows, and a policy that may only lengthen them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.models import AgingRule, PreviousUse
from compliance.services import rulebooks
from inventory.models import PhoneNumber
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import Limits, limits
from inventory.quarantine.policy import NoPolicy, governing
from numbering.types import NumberType
from tests.factories import ProviderFactory

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def days(found: Limits) -> tuple[int, int | None]:
    """Minimum and maximum in days."""
    return found.minimum.days, found.maximum.days if found.maximum else None


def of(country: str, number_type: NumberType = NumberType.LOCAL, source: str = "released") -> Limits:
    number = PhoneNumber(country=country, number_type=number_type)
    return limits(number, QuarantineSource(source), SINCE)


def test_united_states_local_numbers_follow_the_fcc() -> None:
    rulebooks.load()
    found = of("US")
    assert days(found) == (45, 365)
    assert found.rule == "aging:US:business:2020-07-27"


@pytest.mark.parametrize(("use", "most"), [("residential", 90), ("business", 365), ("", 365)])
def test_united_states_numbers_of_an_individual_may_not_rest_as_long(use: str, most: int) -> None:
    rulebooks.load()
    number = PhoneNumber(country="US", number_type=NumberType.LOCAL)
    found = limits(number, QuarantineSource.RELEASED, SINCE, use)
    assert days(found) == (45, most)
    assert found.rule == f"aging:US:{use or 'business'}:2020-07-27"


def test_united_states_toll_free_numbers_have_their_own_maximum() -> None:
    rulebooks.load()
    assert days(of("US", NumberType.TOLL_FREE)) == (45, 120)


def test_a_legal_minimum_longer_than_the_policy_wins() -> None:
    rulebooks.load()
    found = of("AU")
    assert days(found) == (184, 365)
    assert found.rule == "aging:AU:any:1970-01-01 + policy:released:any:1970-01-01"


def test_the_policy_lengthens_a_shorter_legal_minimum() -> None:
    AgingRule.objects.create(
        country="NZ",
        minimum_days=10,
        confidence="documented",
        valid_from=date(2020, 1, 1),
        previous_use=PreviousUse.ANY,
    )
    found = of("NZ")
    assert days(found) == (45, 365)
    assert found.rule == "policy:released:any:1970-01-01"


def test_the_policy_never_waits_beyond_a_legal_maximum() -> None:
    AgingRule.objects.create(
        country="NZ", minimum_days=10, maximum_days=30, confidence="documented", valid_from=date(2020, 1, 1)
    )
    assert days(of("NZ")) == (30, 30)


def test_a_country_without_a_law_follows_the_policy() -> None:
    assert days(of("GB")) == (30, 365)
    assert days(of("DE")) == (45, 365)


def test_a_rule_that_is_not_in_force_yet_does_not_count() -> None:
    AgingRule.objects.create(country="DE", minimum_days=300, confidence="documented", valid_from=date(2027, 1, 1))
    assert days(of("DE")) == (45, 365)


def test_a_number_never_in_service_is_only_looked_at_for_a_week() -> None:
    rulebooks.load()
    found = of("AU", source="onboarded_new")
    assert days(found) == (7, None)
    assert found.rule == "policy:onboarded_new:any:1970-01-01"


def test_a_number_with_an_unknown_past_waits_like_a_released_one() -> None:
    rulebooks.load()
    assert days(of("AU", source="onboarded_used")) == days(of("AU"))


def test_a_sandbox_carrier_may_shorten_everything() -> None:
    rulebooks.load()
    provider = ProviderFactory.create(slug="tern", demo_aging=timedelta(minutes=1))
    number = PhoneNumber(country="AU", number_type=NumberType.LOCAL, provider=provider)
    assert limits(number, QuarantineSource.RELEASED, SINCE) == (timedelta(minutes=1), None, "demo:tern")


def test_on_a_day_without_a_policy_there_is_none() -> None:
    with pytest.raises(NoPolicy):
        governing(QuarantineSource.RELEASED, "US", date(1969, 12, 31))
