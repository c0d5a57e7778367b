"""The adapter: the provider contract in the words of Twilio's Phone Numbers API.

That API knows no orders: each number is bought by a request of its own. So our key goes along twice: as the number's
`FriendlyName`, by which we find what an attempt has bought whose answer was lost, and as `Idempotency-Key`, which
another Numberyard heeds and Twilio ignores. An order is settled when `order` returns; until then it is begun again as
often as need be, and buys only what is not there.
"""

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from django.http import QueryDict
from phonenumbers import country_code_for_region
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]  # it ships no types
from twilio.base.page import Page  # type: ignore[import-untyped]  # as above
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # as above
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from inventory.models import LineState, Provider, ProviderOrderLine
from inventory.providers.base import (
    LineStatus,
    Offer,
    OrderLine,
    OrderStatus,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
)
from inventory.providers.checks import BadAnswer
from inventory.providers.twilio import reading
from inventory.providers.twilio.reading import Cost, Held
from inventory.providers.twilio.wire import NoSuchThing, Refusal, Wire
from numbering.areas import is_nanp
from numbering.e164 import E164
from numbering.types import NumberType

API, PRICING = "https://api.twilio.com", "https://pricing.twilio.com"
OFFERS_PER_PAGE = 100
HOLDINGS_PER_PAGE = 1000
MOST_PAGES = 100_000  # a hundred million holdings; whoever goes on after that does not mean to end
SECONDS = 12.0  # of buying in one attempt, so that with its last request it ends within its lease (inventory.intents)
#: The client else reads an edge and a region from ours, and would put them into the host names.
NO_EDGE = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
PAPERS = {21615, 21631, 21649, 21651}  # address or bundle missing, or not the right one
log = structlog.get_logger(__name__)


class Rows(Page):  # type: ignore[misc]  # untyped, see above
    """Pages of documents as they came: the client's own instances drop what they don't know, `numberyard` for one."""

    def get_instance(self, payload: Any) -> Any:
        """The document itself."""
        return payload


class TwilioProvider:
    """One account at such a provider.

    PROVIDER_CREDENTIALS: `account_sid`, `auth_token`; `api_key_sid` and `api_key_secret` where a key signs instead;
    `url` of another Numberyard (none: Twilio). So whoever may change the provider's row can't send our keys elsewhere.
    `options`: `papers`, the `address_sid` and `bundle_sid` to give, by country; `monthly_costs`, by country and type,
    where the offers tell no price.
    """

    one_order_per_key = False

    def __init__(self, provider: Provider) -> None:
        self._slug, self._options = provider.slug, provider.options
        self._keys = settings.PROVIDER_CREDENTIALS.get(provider.slug, {})
        self._url = (self._keys.get("url") or API).rstrip("/")
        self._pricing_url = (self._keys.get("pricing_url") or ("" if self._keys.get("url") else PRICING)).rstrip("/")

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """See ProviderAdapter. An offer that breaks the contract, or has no price, is left out and logged."""
        country, kind = wanted.country, "".join(part.title() for part in wanted.number_type.split("_"))
        try:
            cost = self._cost(country, wanted.number_type)
            for row in self._pages(f"AvailablePhoneNumbers/{country}/{kind}", OFFERS_PER_PAGE, _area(wanted)):
                try:
                    yield reading.offer(row, wanted, cost)
                except BadAnswer as error:
                    log.warning("offer_refused", provider=self._slug, reason=str(error))
        except NoSuchThing:
            return  # it sells no such numbers

    def order(self, numbers: Sequence[E164], *, key: str) -> OrderStatus:
        """See ProviderAdapter. Each number that is refused is a refused line; the rest is bought all the same.

        Stops with ProviderUnavailable after a while: the next attempt goes on where this one was.
        """
        end, lines = monotonic() + SECONDS, list[OrderLine]()
        bought = {each.number for each in self._owned(friendly_name=key)}
        for number in numbers:
            if number not in bought and monotonic() > end:
                raise ProviderUnavailable(f"it took too long; bought so far: {len(lines)} of {len(numbers)}")
            lines.append(_filled(number) if number in bought else self._line(number, key))
        return _settled(key, lines)

    def order_status(self, key: str) -> OrderStatus | None:
        """See ProviderAdapter. It keeps no orders, so what was bought under the key is all of it: unless our own book
        has numbers of it that are not there. Then the attempt was cut off, and `order` goes on with it."""
        bought = {each.number: _filled(each.number) for each in self._owned(friendly_name=key)}
        missing = ProviderOrderLine.objects.filter(order__key=key, state=LineState.WANTED).exclude(
            e164__in=[number.digits for number in bought]
        )
        return None if not bought or missing.exists() else _settled(key, list(bought.values()))

    def release(self, number: E164, *, key: str) -> None:
        """See ProviderAdapter. What is not in the account is not ours, or no more: nothing is asked for."""
        for each in self._owned(phone_number=str(number)):
            if each.number == number:
                try:
                    self._account().incoming_phone_numbers(each.sid).delete()
                except NoSuchThing:
                    continue  # somebody was quicker; `holding` tells

    def holding(self, number: E164) -> bool:
        """See ProviderAdapter."""
        return any(each.number == number for each in self._owned(phone_number=str(number)))

    def holdings(self) -> Iterator[E164]:
        """See ProviderAdapter. One unreadable row, or no way to the end, makes the whole list useless: it is a bill."""
        return (each.number for each in self._owned())

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """See ProviderAdapter. `X-Twilio-Signature` over our URL and the form, in which FriendlyName is our key.

        Neither Twilio nor a Numberyard sends one for an order, which is settled at once; a proxy of theirs might.
        """
        secret = self._keys.get("auth_token")
        given = {name.lower(): value for name, value in headers.items()}.get("x-twilio-signature", "")
        if not secret or not given:
            return None
        form = QueryDict(body, encoding="utf-8")
        url = f"{settings.PUBLIC_URL}/inventory/v1/ProviderCallbacks/{self._slug}"
        return form.get("FriendlyName") if RequestValidator(secret).validate(url, form, given) else None

    def _line(self, number: E164, key: str) -> OrderLine:
        try:
            self._buy(number, key)
        except Refusal as refusal:
            # "Not available" may mean that a lost attempt of ours has it.
            if any(each.number == number and each.friendly_name == key for each in self._owned(phone_number=number)):
                return _filled(number)
            return OrderLine(number, LineStatus.REFUSED, self._reason(number, refusal), refusal.not_there)
        return _filled(number)

    def _buy(self, number: E164, key: str) -> None:
        papers = self._options.get("papers", {}).get(number.country, {})
        known = {name: papers[name] for name in ("address_sid", "bundle_sid") if papers.get(name)}
        account = self._account(headers={"Idempotency-Key": f"{key}-{number.digits}"})
        try:
            bought = account.incoming_phone_numbers.create(phone_number=str(number), friendly_name=key, **known)
        except (TwilioException, ValueError, TypeError, AttributeError) as error:
            raise ProviderUncertain(f"unreadable answer to a purchase: {error}"[:300]) from error
        if bought.phone_number != str(number):
            raise ProviderUncertain(f"asked for {number}, answered with {bought.phone_number!r:.40}")

    def _reason(self, number: E164, refusal: Refusal) -> str:
        if refusal.code in PAPERS and number.country not in self._options.get("papers", {}):
            return f"{refusal.code}: wants papers; the provider's options have none for {number.country}"
        return str(refusal)

    def _cost(self, country: str, number_type: NumberType) -> Cost | None:
        """What numbers cost whose own row tells no price: as staff wrote it down, else as Twilio's Pricing API says."""
        try:
            if written := self._options.get("monthly_costs", {}).get(country, {}).get(number_type):
                return reading.cost(written.get("amount"), written.get("currency"))
            if not self._pricing_url:
                return None
            pricing = self._client().pricing
            pricing.base_url = self._pricing_url
            answer = pricing.v1.phone_numbers.countries(country).fetch()
            said = {"phone_number_prices": answer.phone_number_prices, "price_unit": answer.price_unit}
            return reading.cost_in(said, number_type)
        except (TwilioException, BadAnswer) as error:
            raise ProviderUnavailable(str(error)) from error

    def _owned(self, **filters: object) -> Iterator[Held]:
        """Numbers of the account. One that can't be read may be the one that was asked for."""
        named = {"".join(part.title() for part in name.split("_")): str(value) for name, value in filters.items()}
        for row in self._pages("IncomingPhoneNumbers", HOLDINGS_PER_PAGE, named, whole=True):
            try:
                found = reading.held(row)
            except BadAnswer as error:
                raise ProviderUnavailable(str(error)) from error
            if filters.get("friendly_name") in (None, found.friendly_name):
                yield found

    def _pages(self, path: str, size: int, query: Mapping[str, str], *, whole: bool = False) -> Iterator[Any]:
        """Every row of a list; one that goes round in circles, or on for ever, ends there, unless the `whole` list is
        needed."""
        version, seen = self._client().api.v2010, set[str]()
        uri = f"/Accounts/{self._keys['account_sid']}/{path}.json"
        try:
            page = Rows(version, version.page("GET", uri, params={**query, "PageSize": str(size)}))
            while True:
                yield from page
                following = page.next_page_url
                if following is None:
                    return
                if following in seen or len(seen) >= MOST_PAGES:
                    break
                seen.add(following)
                page = page.next_page()
        except (TwilioException, AttributeError, TypeError) as error:
            raise ProviderUnavailable(f"unreadable list: {error}"[:300]) from error
        if whole:
            raise ProviderUnavailable("its list comes to no end")

    def _account(self, headers: dict[str, str] | None = None) -> Any:
        return self._client(headers).api.v2010.account

    def _client(self, headers: dict[str, str] | None = None) -> Any:
        """The official client, on our own wire. Raises ProviderUnavailable while its keys are missing."""
        account = self._keys.get("account_sid")
        user = self._keys.get("api_key_sid") or account
        secret = self._keys.get("api_key_secret") or self._keys.get("auth_token")
        if not (account and secret):
            raise ProviderUnavailable(f"PROVIDER_CREDENTIALS has no account_sid or no auth_token for {self._slug}")
        wire = Wire(*filter(None, (self._url, self._pricing_url)), headers=headers)
        client = Client(user, secret, account, http_client=wire, environment=NO_EDGE)
        client.api.base_url = self._url
        return client


def _filled(number: E164) -> OrderLine:
    return OrderLine(number, LineStatus.FILLED)


def _settled(key: str, lines: Sequence[OrderLine]) -> OrderStatus:
    """The name that the order has there is ours: that of its numbers."""
    return OrderStatus(reference=key, key=key, settled=True, lines=tuple(lines))


def _area(wanted: Wanted) -> dict[str, str]:
    """Area codes are the NANP's there. Elsewhere the beginning of the number, with its country code, says the same."""
    if not wanted.area_code:
        return {}
    if is_nanp(wanted.country):
        return {"AreaCode": wanted.area_code}
    return {"Contains": f"+{country_code_for_region(wanted.country)}{wanted.area_code}%"}
