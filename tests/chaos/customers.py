"""Customers who search, reserve, buy, rename and give back without pause, and note down what they were told.

What was not answered is asked again until it is: with its Idempotency-Key, or (half of the customers) without one, for
buying is harmless to repeat. So at the end each knows exactly what it must have.
"""

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

ASK_AGAIN = (409, 429, 500, 502, 503)  # in hand, too many, or the database is away
LAST_WORDS_S = 120.0  # to get the answer to the last request


@dataclass
class Customer:
    """One account with its notes. `has`: number -> (SID, friendly name), as the answers said."""

    url: str
    sid: str
    token: str
    uses_keys: bool
    has: dict[str, tuple[str, str]] = field(default_factory=dict)
    bought: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)  # a failed test ends all the same
        self._thread.start()

    def finish(self) -> None:
        """Stop after the answer to the request in hand."""
        self._done.set()
        self._thread.join()

    def owns(self) -> dict[str, tuple[str, str]]:
        """What the API says that it has."""
        with self._client() as client:
            page = client.get(f"{self._numbers}.json", params={"PageSize": 1000}).raise_for_status().json()
        rows: list[dict[str, str]] = page["incoming_phone_numbers"]
        return {row["phone_number"]: (row["sid"], row["friendly_name"]) for row in rows}

    @property
    def _numbers(self) -> str:
        return f"/2010-04-01/Accounts/{self.sid}/IncomingPhoneNumbers"

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, auth=(self.sid, self.token), timeout=10)

    def _run(self) -> None:
        with self._client() as client:
            while not self._done.is_set():
                try:
                    self._deal(client)
                except Exception as error:  # noqa: BLE001 - a thread that dies silently would prove nothing
                    self.surprises.append(repr(error))
                    return
                time.sleep(random.uniform(0, 0.15))

    def _deal(self, client: httpx.Client) -> None:
        deed = random.choice(["buy", "buy", "reserve", "rename", "give back", "give back"])
        if deed in ("buy", "reserve"):
            if offered := self._search(client):
                self._buy(client, offered, after_reserving=deed == "reserve")
        elif self.has:
            number = random.choice(list(self.has))
            (self._rename if deed == "rename" else self._give_back)(client, number)

    def _search(self, client: httpx.Client) -> str:
        """A number on sale; "" when there is none."""
        path = f"/2010-04-01/Accounts/{self.sid}/AvailablePhoneNumbers/US/Local.json"
        answer = self._ask(client, "GET", path, params={"PageSize": 5})
        offers = answer.json()["available_phone_numbers"]
        if not offers:
            time.sleep(0.3)
        return str(random.choice(offers)["phone_number"]) if offers else ""

    def _buy(self, client: httpx.Client, number: str, *, after_reserving: bool) -> None:
        if after_reserving:
            basket = {"PhoneNumber": number, "ExpiresIn": 60}
            answer = self._ask(client, "POST", "/inventory/v1/Reservations", key=True, data=basket)
            if answer.status_code != 201:
                self._expect(answer, 21422)
                return
            if random.random() < 0.3:
                return  # changes its mind; the hold runs out
        answer = self._ask(client, "POST", f"{self._numbers}.json", key=self.uses_keys, data={"PhoneNumber": number})
        if answer.status_code == 201:
            said = answer.json()
            self.has[number] = said["sid"], said["friendly_name"]
            self.bought += 1
        else:
            self._expect(answer, 21422)

    def _rename(self, client: httpx.Client, number: str) -> None:
        sid, name = self.has[number][0], f"name {random.randrange(10**6)}"
        answer = self._ask(client, "POST", f"{self._numbers}/{sid}.json", key=True, data={"FriendlyName": name})
        if answer.status_code == 200:
            self.has[number] = sid, answer.json()["friendly_name"]
        else:
            self._expect(answer)

    def _give_back(self, client: httpx.Client, number: str) -> None:
        answer = self._ask(client, "DELETE", f"{self._numbers}/{self.has[number][0]}.json")
        if answer.status_code not in (204, 404):  # 404: the answer to an earlier try was lost
            self._expect(answer)
            return
        del self.has[number]
        if random.random() < 0.9:  # changes its mind, and takes it back
            self._buy(client, number, after_reserving=False)

    def _ask(self, client: httpx.Client, method: str, path: str, *, key: bool = False, **sent: Any) -> httpx.Response:
        """The answer, however often that takes."""
        headers = {"Idempotency-Key": random.randbytes(8).hex()} if key else {}
        give_up = 0.0
        while not give_up or time.monotonic() < give_up:
            with suppress(httpx.HTTPError):
                answer = client.request(method, path, headers=headers, **sent)
                self.answers[answer.status_code] += 1
                if answer.status_code not in ASK_AGAIN:
                    return answer
                if answer.status_code == 500:
                    self.surprises.append(f"{method} {path}: 500")
            time.sleep(0.2)
            if self._done.is_set() and not give_up:
                give_up = time.monotonic() + LAST_WORDS_S
        raise TimeoutError(f"{method} {path} was never answered")

    def _expect(self, answer: httpx.Response, *codes: int) -> None:
        if answer.json().get("code") not in codes:
            self.surprises.append(
                f"{answer.request.method} {answer.url.path}: {answer.status_code} {answer.text[:200]}"
            )


def open_subaccounts(url: str, sid: str, token: str, count: int) -> list[Customer]:
    """So many customers, each an account of its own."""
    with httpx.Client(base_url=url, auth=(sid, token), timeout=10) as client:
        said = [
            client.post("/2010-04-01/Accounts.json", data={"FriendlyName": f"Customer {n}"}).raise_for_status().json()
            for n in range(count)
        ]
    return [Customer(url, row["sid"], row["auth_token"], uses_keys=n % 2 == 0) for n, row in enumerate(said)]
