"""Words that stand nowhere else are given as personal data; afterwards every log, table, key and file is searched."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from django.apps import apps
from django.conf import LazySettings, settings
from django.contrib.auth.models import Permission
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from PIL import Image

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, BundleView, EndUser, Seen
from compliance.services import delivery, erasure, export, grants
from compliance.vault import objects
from tests.api.journeys.desk import Desk
from tests.compliance.private.papers import reviewer
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DocumentFactory,
    EndUserFactory,
    NumberFactory,
    loaded,
)

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
CANARIES = ("quackenbush", "zwolfenstein", "krumhornallee", "pfefferstadt", "vogelscheuche", "99887766554")
ADDRESS = {"customer_name": "Zwolfenstein", "street": "Krumhornallee 5", "city": "Pfefferstadt"}
PERSON = {
    "first_name": "Vogelscheuche",
    "last_name": "Quackenbush",
    "email": "quackenbush@zwolfenstein.example",
    "document_number": "99887766554",
}
FORMS: dict[str, dict[str, str]] = {
    "/2010-04-01/Accounts/{account}/Addresses.json": {
        "CustomerName": "Zwolfenstein",
        "FriendlyName": "Quackenbush",
        "Street": "Krumhornallee 5",
        "City": "Pfefferstadt",
        "Region": "Vogelscheuche",
        "PostalCode": "99887766554",
        "IsoCountry": "DE",
    },
    "/v2/RegulatoryCompliance/EndUsers": {
        "FriendlyName": "Quackenbush",
        "Type": "individual",
        "Attributes": json.dumps(PERSON),
    },
    "/v2/RegulatoryCompliance/SupportingDocuments": {
        "FriendlyName": "Quackenbush",
        "Type": "passport",
        "Attributes": json.dumps(PERSON),
    },
    "/v2/RegulatoryCompliance/Bundles": {
        "FriendlyName": "Quackenbush",
        "Email": "quackenbush@zwolfenstein.example",
        "IsoCountry": "DE",
        "EndUserType": "individual",
        "NumberType": "local",
    },
}


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that our processes would write to stderr, at the level DEBUG."""
    root, out = logging.getLogger(), StringIO()
    ours = next(each.formatter for each in root.handlers if type(each) is logging.StreamHandler)
    handler, level = logging.StreamHandler(out), root.level
    handler.setFormatter(ours)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.setLevel(level)
    root.removeHandler(handler)


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text.casefold()]


def tables() -> dict[str, str]:
    """The whole database, table by table, as COPY writes it; binary columns are decoded as well."""
    dumped = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            with cursor.cursor.copy(f'COPY "{model._meta.db_table}" TO STDOUT') as rows:
                dumped[model._meta.db_table] = b"".join(bytes(row) for row in rows).decode()
    return dumped


def keys_of_redis() -> str:
    client: Any = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    read = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers}
    read |= {b"list": lambda key: client.lrange(key, 0, -1), b"zset": lambda key: client.zrange(key, 0, -1)}
    read |= {b"stream": client.xrange}
    return "".join(f"{key!r} {read[client.type(key)](key)!r}\n" for key in client.scan_iter())


def stored_objects() -> Iterator[bytes]:
    storage = storages["documents"]
    folders, _ = storage.listdir("")
    for folder in folders:
        for name in storage.listdir(folder)[1]:
            with storage.open(f"{folder}/{name}") as file:
                yield file.read()


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 200)).save(out, "JPEG", comment=b"Quackenbush")
    return out.getvalue()


def a_bundle(account: Account, state: BundleState) -> Bundle:
    """As a customer fills it in, with names in every text that there is."""
    owner = {"account": account, "friendly_name": "Quackenbush"}
    address = AddressFactory.create(**owner, **ADDRESS)
    file = objects.put(picture(), mime_type="image/jpeg")
    document = DocumentFactory.create(type="passport", attributes=PERSON, addresses=[address], file=file, **owner)
    end_user = EndUserFactory.create(attributes=PERSON, **owner)
    row: Bundle = BundleFactory.create(items=[end_user, document], email=PERSON["email"], state=state, **owner)
    return row


def staff_look_at(bundle: Bundle) -> None:
    document, user = bundle.items.get(end_user=None).document, reviewer()
    assert document
    grants.view(grants.open_document(document, user), user=user, what=Seen.PREVIEW)
    BundleView.objects.create(bundle=bundle, user=user)


def customer_asks(account: Account, end_user: EndUser) -> None:
    """Good and bad forms, filters, keys, and what the server can't read; whatever it answers."""
    credentials = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    signed: dict[str, Any] = {"headers": {"Authorization": f"Basic {credentials}"}}
    client = Client(raise_request_exception=False)
    for path, form in FORMS.items():
        url = path.format(account=account.sid)
        for sent in (form, form | {"Attributes": "{Quackenbush"}, form | {"IsoCountry": "Quackenbush"}):
            for key in ("once", ""):
                headers = signed["headers"] | ({"Idempotency-Key": key} if key else {})
                client.post(url, sent, headers=headers)
                client.post(url, urlencode(sent), content_type=FORM, headers=headers)
                client.post(url, sent, content_type="application/json", headers=headers)
        client.post(url, b'{"FriendlyName": "Quackenbush', content_type="application/json", headers=signed["headers"])
        client.get(url, {"FriendlyName": "Quackenbush", "CustomerName": "Zwolfenstein"}, **signed)
    client.post(f"/compliance/v1/EndUsers/{end_user.sid}/Erasure", "Reason=of+Quackenbush", content_type=FORM, **signed)
    assert b"".join(client.get(f"/compliance/v1/EndUsers/{end_user.sid}/Export", **signed).streaming_content)  # type: ignore[attr-defined]


class Steps:
    """A customer's requests, each of which must succeed."""

    def __init__(self, account: Account) -> None:
        credentials = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
        self._signed = {"Authorization": f"Basic {credentials}"}
        self._http = Client()
        self._account = f"/2010-04-01/Accounts/{account.sid}"

    def papers(self, path: str, **form: Any) -> dict[str, Any]:
        return self._post(f"/v2/RegulatoryCompliance/{path}", 201, form)

    def change(self, path: str, **form: Any) -> dict[str, Any]:
        return self._post(f"/v2/RegulatoryCompliance/{path}", 200, form)

    def of_account(self, path: str, **form: Any) -> dict[str, Any]:
        return self._post(f"{self._account}/{path}.json", 201, form)

    def _post(self, path: str, expected: int, form: dict[str, Any]) -> dict[str, Any]:
        encoded = form if "File" in form else urlencode(form)
        kind = MULTIPART_CONTENT if "File" in form else FORM
        answer = self._http.post(path, encoded, content_type=kind, headers=self._signed)
        assert answer.status_code == expected, answer.content
        body: dict[str, Any] = answer.json()
        return body


def all_the_way(account: Account, desk: Desk) -> None:
    """From an address to a number in service, over a rejection; as the customer and the reviewer do it."""
    steps = Steps(account)
    lives = FORMS["/2010-04-01/Accounts/{account}/Addresses.json"] | {"PostalCode": "10117"}
    address = steps.of_account("Addresses", **lives)["sid"]
    shown = json.dumps(PERSON | {"address_sids": [address]})
    scan = SimpleUploadedFile("Quackenbush.jpg", picture(), "image/jpeg")
    passport = {"FriendlyName": "Quackenbush", "Type": "passport", "Attributes": shown}
    paper = steps.papers("SupportingDocuments", **passport, File=scan)["sid"]
    person = steps.papers("EndUsers", **FORMS["/v2/RegulatoryCompliance/EndUsers"])["sid"]
    named = FORMS["/v2/RegulatoryCompliance/Bundles"] | {"NumberType": "mobile"}
    bundle = f"Bundles/{(sid := steps.papers('Bundles', **named)['sid'])}"
    items = {each: steps.papers(f"{bundle}/ItemAssignments", ObjectSid=each)["sid"] for each in (person, paper)}
    assert steps.papers(f"{bundle}/Evaluations")["status"] == "compliant"
    assert steps.change(bundle, Status="pending-review")["status"] == "pending-review"
    assert desk.decide(sid, {items[paper]: {"reason": "illegible"}}) == BundleState.REJECTED
    scan.seek(0)
    assert steps.change(f"SupportingDocuments/{paper}", File=scan)["status"] == "draft"
    assert steps.change(bundle, Status="pending-review")["status"] == "pending-review"
    assert desk.approve(sid) == BundleState.APPROVED
    number = {"PhoneNumber": str(NumberFactory.create(e164=4915112345678, country="DE", number_type="mobile"))}
    bought = steps.of_account("IncomingPhoneNumbers", **number, AddressSid=address, BundleSid=sid)
    assert bought["status"] == "in-use"


def letters(folder: Path) -> list[Message]:
    """What was sent, one file for each connection to the mail server."""
    delivery.deliver_due()
    sent = [each for file in folder.iterdir() for each in file.read_text().split("-" * 79 + "\n")]
    return [message_from_string(text) for text in sent if text.strip()]


def something_breaks(account: Account, end_user: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug quotes what it could not read; PostgreSQL shows a row."""

    def broken(*_: object, **__: object) -> None:
        try:
            int(end_user.attributes["last_name"])
        except ValueError:
            with transaction.atomic():
                Account.objects.create(sid="AC1", friendly_name=end_user.friendly_name, auth_token_digest=b"")

    credentials = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "erase", broken)
        answer = Client(raise_request_exception=False).post(
            f"/compliance/v1/EndUsers/{end_user.sid}/Erasure",
            "Reason=case+1",
            content_type=FORM,
            headers={"Authorization": f"Basic {credentials}"},
        )
    assert answer.status_code == 500
    assert found_in(answer.content.decode()) == []


def test_no_name_is_in_a_log_a_table_a_key_or_a_file(log: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    account = AccountFactory.create()
    bundle = a_bundle(account, BundleState.APPROVED)
    a_bundle(account, BundleState.REJECTED)
    a_bundle(account, BundleState.DRAFT)
    end_user = bundle.items.get(document=None).end_user
    assert end_user
    staff_look_at(bundle)
    customer_asks(account, end_user)
    something_breaks(account, end_user, monkeypatch)
    assert "quackenbush" in json.dumps(export.everything(end_user), default=str).casefold(), "it was there to be found"
    erasure.erase(end_user, actor="user:1", reason="case 1")

    assert found_in(log.getvalue()) == []
    assert "request_failed" in log.getvalue()
    assert {table: found_in(text) for table, text in tables().items() if found_in(text)} == {}
    assert found_in(keys_of_redis()) == []
    assert not any(b"Quackenbush" in octets or octets.startswith(b"\xff\xd8") for octets in stored_objects())


def test_nor_is_one_anywhere_when_a_customer_goes_all_the_way(
    log: StringIO, tmp_path: Path, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    loaded("DE")
    user = reviewer()
    user.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    all_the_way(AccountFactory.create(), Desk(user))

    told = letters(tmp_path)
    assert sorted(each["Subject"].split(":")[0] for each in told) == [
        "Your papers are approved",
        "Your papers wait for review",
        "Your papers wait for review",
        "Your papers were rejected",
    ]
    assert {each["To"] for each in told} == {PERSON["email"]}
    for each in told:
        del each["To"]
        assert found_in(each.as_string()) == []
    assert "request_finished" in log.getvalue()
    assert found_in(log.getvalue()) == []
    assert {table: found_in(text) for table, text in tables().items() if found_in(text)} == {}
    assert found_in(keys_of_redis()) == []
    assert not any(b"Quackenbush" in octets or octets.startswith(b"\xff\xd8") for octets in stored_objects())
