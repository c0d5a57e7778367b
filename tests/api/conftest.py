"""The API as customers meet it: over HTTP, signed with real credentials."""

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import pytest
from django.test import Client as DjangoClient

from accounts.models import Account
from numbering.recent import forget_everything
from tests.api import openapi
from tests.factories import AccountFactory, RegulationVersionFactory

if TYPE_CHECKING:
    from django.test.client import (
        _MonkeyPatchedWSGIResponse as Answer,  # a response with `.json()`; only the stubs name it
    )

CONTRACTS = Path(os.environ.get("NUMBERYARD_CONTRACTS", "../shared/contracts"))
if not (CONTRACTS / "twilio_api_v2010.json").exists():
    collect_ignore = ["test_contract.py", "test_contract_of_addresses.py", "regulatory/test_contract_of_papers.py"]


def pytest_report_header() -> str:
    """Say so when the contract documents are not here: their tests are not collected then."""
    present = (CONTRACTS / "twilio_api_v2010.json").exists()
    return f"contracts: {CONTRACTS}" if present else f"contracts: none in {CONTRACTS}, test_contract.py left out"


BOUNDARY = "a-boundary-that-no-content-has"
_END = f"--{BOUNDARY}--\r\n".encode()


class Part(NamedTuple):
    """A file in a multipart form, under the name that its sender gives it."""

    content: bytes
    filename: str = "scan.png"
    field: str = "File"
    mime_type: str = "image/png"


def _field(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def _part(part: Part) -> bytes:
    disposition = f'form-data; name="{part.field}"; filename="{part.filename}"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: {part.mime_type}\r\n\r\n"
    return head.encode(errors="surrogateescape") + part.content + b"\r\n"


class Caller:
    """Signed requests without a socket; each answer has `.json()`, and is what our own OpenAPI document says."""

    def __init__(self, sid: str, secret: str) -> None:
        self._http = DjangoClient(raise_request_exception=False)
        self._authorization = "Basic " + b64encode(f"{sid}:{secret}".encode()).decode()
        self.sid = sid

    def get(self, path: str, query: Any = None) -> "Answer":
        answer = self._http.get(path, query, headers={"Authorization": self._authorization})
        return self._described(answer)

    def post(self, path: str, form: dict[str, Any] | None = None, **headers: str) -> "Answer":
        return self._post(path, _encoded(form or {}), "application/x-www-form-urlencoded", headers)

    def post_json(self, path: str, body: Any, **headers: str) -> "Answer":
        return self._post(path, body if isinstance(body, bytes) else orjson.dumps(body), "application/json", headers)

    def upload(self, path: str, form: dict[str, str], *files: "Part", **headers: str) -> "Answer":
        body = b"".join([*(_field(name, value) for name, value in form.items()), *map(_part, files), _END])
        return self._post(path, body, f"multipart/form-data; boundary={BOUNDARY}", headers)

    def delete(self, path: str) -> "Answer":
        return self._described(self._http.delete(path, headers={"Authorization": self._authorization}))

    def _post(self, path: str, body: str | bytes, content_type: str, headers: dict[str, str]) -> "Answer":
        signed = {"Authorization": self._authorization} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self._described(self._http.post(path, body, content_type=content_type, headers=signed))

    def _described(self, answer: "Answer") -> "Answer":
        openapi.check(answer.request["REQUEST_METHOD"], answer.request["PATH_INFO"], answer)
        return answer

    def of(self, path: str) -> str:
        """A path below the caller's own account."""
        return f"/2010-04-01/Accounts/{self.sid}/{path}"


def _encoded(form: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(form, doseq=True)


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(friendly_name="Ada")


@pytest.fixture
def outsider(db: None) -> Account:
    """Another customer, who must see and get nothing of Ada's."""
    return AccountFactory.create(friendly_name="Mallory")


@pytest.fixture
def signed() -> Callable[[Account], Caller]:
    return lambda account: Caller(account.sid, account.auth_token)


@pytest.fixture
def ada(account: Account, signed: Callable[[Account], Caller]) -> Caller:
    return signed(account)


@pytest.fixture
def mallory(outsider: Account, signed: Callable[[Account], Caller]) -> Caller:
    return signed(outsider)


@pytest.fixture
def irish_rules(db: None) -> None:
    """Ireland's file is in force."""
    RegulationVersionFactory.create(regulation__country="IE")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers of terms and of the stock is another test's."""
    forget_everything()
    yield
    forget_everything()
