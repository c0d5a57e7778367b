"""Another Numberyard, for the tests of who buys from one: a web server of this very code on a database of its own.

Its hands are a process too (`python -m tests.inventory.providers.upstream`), since the settings of ours are those of
our database: it reads wishes, one JSON object a line, and answers each with one line.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from django.db import connection

from tests.api.gunicorn import serving, url_of
from tests.patience import PATIENCE


@dataclass
class Customer:
    """An account there: we are its customer."""

    origin: str
    sid: str
    token: str

    @property
    def keys(self) -> dict[str, str]:
        """What its provider's entry in PROVIDER_CREDENTIALS is to be."""
        return {"url": self.origin, "account_sid": self.sid, "auth_token": self.token}

    def owned(self) -> dict[int, str]:
        """What it bills us for: digits, and the name that each number has."""
        return {int(row["phone_number"][1:]): row["friendly_name"] for row in self._rows()}

    def _rows(self) -> list[dict[str, Any]]:
        path = f"/2010-04-01/Accounts/{self.sid}/IncomingPhoneNumbers.json"
        answer = httpx.get(f"{self.origin}{path}?PageSize=1000", auth=(self.sid, self.token), timeout=PATIENCE)
        return list(answer.raise_for_status().json()["incoming_phone_numbers"])

    def buy(self, digits: int) -> httpx.Response:
        """As any customer of it does."""
        path = f"/2010-04-01/Accounts/{self.sid}/IncomingPhoneNumbers.json"
        form = {"PhoneNumber": f"+{digits}"}
        return httpx.post(f"{self.origin}{path}", data=form, auth=(self.sid, self.token), timeout=PATIENCE)


@dataclass
class Upstream:
    """The other Numberyard."""

    origin: str
    hands: "subprocess.Popen[str]"

    def customer(self) -> Customer:
        """A new account."""
        return Customer(self.origin, *self._wish(wish="account"))

    def stock(self, quantity: int, **fields: Any) -> list[int]:
        """Numbers that it sells from now on; returns their digits."""
        return list(self._wish(wish="numbers", quantity=quantity, fields=fields))

    def clear(self) -> None:
        """It sells nothing that was put there so far."""
        self._wish(wish="clear")

    def address(self, customer: Customer) -> str:
        """The SID of an address of the customer's."""
        return str(self._wish(wish="address", sid=customer.sid))

    def ask_for_an_address(self, country: str) -> None:
        """From now on who has a local number of the country gives an address."""
        self._wish(wish="rule", country=country)

    def _wish(self, **wish: Any) -> Any:
        assert self.hands.stdin
        assert self.hands.stdout
        self.hands.stdin.write(json.dumps(wish) + "\n")
        return json.loads(self.hands.stdout.readline())


@contextmanager
def running(name: str) -> Iterator[Upstream]:
    """Yield one on a copy of the test database, which must be empty of rows that tests made."""
    _copy_database(name)
    environment = os.environ | {"DATABASE_URL": url_of(name), "DATABASE_POOL_SIZE": "0"}
    command = [sys.executable, "-m", "tests.inventory.providers.upstream"]
    with (
        serving(workers=1, threads=8, database=url_of(name)) as origin,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as hands,
    ):
        yield Upstream(origin, hands)
        hands.terminate()


def _copy_database(name: str) -> None:
    """PostgreSQL copies files, so nobody may be connected to the original."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')


def _granted(wish: dict[str, Any]) -> Any:
    """What the wish asks for, from within the other Numberyard."""
    from accounts.models import Account
    from compliance.models import NumberTypeRule
    from inventory.models import PhoneNumber
    from tests.factories import AccountFactory, AddressFactory, NumberFactory

    match wish["wish"]:
        case "account":
            account = AccountFactory.create()
            return [account.sid, account.auth_token]
        case "numbers":
            return [number.e164 for number in NumberFactory.create_batch(wish["quantity"], **wish["fields"])]
        case "clear":
            return PhoneNumber.objects.filter(state="AVAILABLE").update(blocked=True)
        case "rule":
            return NumberTypeRule.objects.filter(country=wish["country"]).update(address_requirement="any")
        case "address":
            return AddressFactory.create(account=Account.objects.get(sid=wish["sid"])).sid
    raise ValueError(wish)


def _serve_wishes() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from inventory.models import Tariff

    Tariff.objects.create(country="US", number_type="local", setup_price="0.50", monthly_price="1.15", currency="USD")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_granted(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve_wishes()
