"""Uploads as people send them, and as attackers do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from api.uploads import MAX_OVERHEAD
from compliance.models import StoredFile, SupportingDocument
from compliance.rulebook.catalogue import catalogue
from tests.api.conftest import BOUNDARY, Caller, Part, _field
from tests.api.regulatory.papers import DOCUMENTS, png, scanned
from tests.api.test_incoming import refused

pytestmark = pytest.mark.django_db

PASSPORT = {"FriendlyName": "Passport", "Type": "passport"}
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
NAMES = [
    "../../../../etc/passwd",
    "..",
    "C:\\Windows\\system32\\drivers\\etc\\hosts",
    "scan.png\x00.exe",
    "/etc/cron.d/upload",
    "x" * 900,
    "naïve 扫描.png",
    "a.pdf;.png",
    "&#46;&#46;&#47;",
]


@pytest.fixture(autouse=True)
def _nothing_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Django's own way of large uploads is never taken."""
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *args, **kwargs: pytest.fail("on the disk"))
    yield


def nothing_was_kept() -> None:
    assert not SupportingDocument.objects.exists()
    assert not StoredFile.objects.filter(erased_at=None).exists()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_file_is_called_leads_nowhere(ada: Caller, name: str) -> None:
    made = scanned(ada, Part(png(), filename=name))
    assert made["mime_type"] == "image/png"
    file = SupportingDocument.objects.get().file
    assert file is not None
    assert len(file.name) == 32
    assert name not in json.dumps(made)


def test_the_upload_path_is_the_same_resource(ada: Caller) -> None:
    answer = ada.upload(f"/numbers-upload{DOCUMENTS}", PASSPORT, Part(png()))
    assert answer.status_code == 201
    made = answer.json()
    assert made["url"].endswith(f"{DOCUMENTS}/{made['sid']}")
    assert ada.upload(f"/numbers-upload{DOCUMENTS}/{made['sid']}", {}, Part(png(b"\0\0\0"))).status_code == 200
    refused(ada.get("/numbers-upload/v2/Nothing"), 20404, 404)


def test_the_declared_type_is_the_senders_word_for_it(ada: Caller) -> None:
    assert scanned(ada, Part(png(), "scan.pdf", mime_type="application/pdf"))["mime_type"] == "image/png"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program that is called a picture",
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04 an archive",
        png()[:-4],
        png() + b"%PDF-1.4 and a second type behind it",
        png() + b"PK\x03\x04" + b"\0" * 40,
    ],
)
def test_what_is_no_sound_picture_or_pdf_is_refused_with_words(ada: Caller, content: bytes) -> None:
    answer = ada.upload(DOCUMENTS, PASSPORT, Part(content))
    refused(answer, 20001)
    assert "file" in answer.json()["message"].lower() or "picture" in answer.json()["message"].lower()
    nothing_was_kept()


def test_two_files_are_one_too_many(ada: Caller) -> None:
    refused(ada.upload(DOCUMENTS, PASSPORT, Part(png()), Part(png())), 20001)
    nothing_was_kept()


def test_a_file_of_another_name_is_not_ignored(ada: Caller) -> None:
    answer = ada.upload(DOCUMENTS, PASSPORT, Part(png(), field="Document"))
    refused(answer, 20001)
    assert "File" in answer.json()["message"]
    nothing_was_kept()


def test_no_file_was_chosen(ada: Caller) -> None:
    """A browser then sends a part without a name and without content."""
    assert scanned(ada, Part(b"", filename=""))["mime_type"] is None


def test_a_file_that_is_sent_as_a_text_is_not_ignored(ada: Caller) -> None:
    refused(ada.upload(DOCUMENTS, PASSPORT | {"File": "not a file"}), 20001)
    nothing_was_kept()


def test_more_fields_than_anybody_needs(ada: Caller) -> None:
    refused(ada.upload(DOCUMENTS, PASSPORT | {f"X{n}": "" for n in range(30)}), 20001)
    nothing_was_kept()


def test_a_body_that_ends_before_its_file_does(ada: Caller) -> None:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="File"; filename="scan.png"\r\n\r\n'
    answer = ada._post(DOCUMENTS, head.encode() + png(), MULTIPART, {})
    refused(answer, 20001)
    nothing_was_kept()


@pytest.mark.parametrize(
    "disposition",
    ['name="File"; filename="M\udcfcller.png"', 'filename="scan.png"', 'x="name=File"; filename="scan.png"'],
    ids=["a name in Latin-1", "no name of the field", "a name in a value"],
)
def test_a_part_that_can_not_be_read_is_not_passed_over(ada: Caller, disposition: str) -> None:
    """Else the customer hears of a success, and the file is nowhere."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode(errors="surrogateescape")
    fields = b"".join(_field(name, value) for name, value in PASSPORT.items())
    answer = ada._post(DOCUMENTS, fields + head + png() + f"\r\n--{BOUNDARY}--\r\n".encode(), MULTIPART, {})
    refused(answer, 20001)
    assert "UTF-8" in answer.json()["message"]
    nothing_was_kept()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", MULTIPART),
        (b"nonsense", MULTIPART),
        (b"nonsense", "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=\xff"),
        (b"--x\r\n" * 1000, "multipart/form-data; boundary=x"),
        (
            b"--x\r\nContent-Disposition: form-data; name=File; filename=a\r\n" + b"A: b\r\n" * 5000,
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="File"; filename="a"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--",
            "multipart/form-data; boundary=x",
        ),
        (png(), "image/png"),
    ],
)
def test_what_is_no_form(ada: Caller, body: bytes, content_type: str) -> None:
    answer = ada._post(DOCUMENTS, body, content_type, {})
    assert (answer.status_code, answer.json()["code"]) in {(400, 20001), (400, 22210), (400, 22211)}
    nothing_was_kept()


def test_a_file_at_the_limit_and_one_above_it(ada: Caller) -> None:
    most = catalogue().files.max_bytes
    refused(ada.upload(DOCUMENTS, PASSPORT, Part(b"\x89PNG\r\n\x1a\n".ljust(most + 1, b"\0"))), 20001)
    answer = ada.upload(DOCUMENTS, PASSPORT, Part(b"\0" * (most + MAX_OVERHEAD)))
    refused(answer, 20001)
    assert str(most + MAX_OVERHEAD) in answer.json()["message"]
    assert f"The file is too big: at most {most:,} bytes are accepted." in answer.json()["message"]
    nothing_was_kept()


def test_only_what_carries_a_file_may_be_as_long_as_one(ada: Caller) -> None:
    answer = ada.post(DOCUMENTS, PASSPORT | {"Attributes": "x" * 3_000_000})
    refused(answer, 20001)
    assert "bytes" in answer.json()["message"]


def test_other_resources_take_no_files(ada: Caller) -> None:
    refused(ada.upload("/v2/RegulatoryCompliance/EndUsers", {"FriendlyName": "Ada"}, Part(png())), 20001)


def test_the_same_upload_with_the_same_key_is_one_document(ada: Caller) -> None:
    sent = [ada.upload(DOCUMENTS, PASSPORT, Part(png()), Idempotency_Key="k").json()["sid"] for _ in range(2)]
    assert sent[0] == sent[1]
    assert SupportingDocument.objects.count() == StoredFile.objects.count() == 1


def test_another_file_with_the_same_key_is_another_request(ada: Caller) -> None:
    ada.upload(DOCUMENTS, PASSPORT, Part(png()), Idempotency_Key="k")
    refused(ada.upload(DOCUMENTS, PASSPORT, Part(png(b"\0\0\0")), Idempotency_Key="k"), 20409, 409)


def test_a_stranger_learns_nothing_by_uploading(ada: Caller, mallory: Caller) -> None:
    made = scanned(ada, Part(png()))
    for sid in (made["sid"], "RD" + "0" * 32):
        refused(mallory.upload(f"{DOCUMENTS}/{sid}", {}, Part(png(b"\0\0\0"))), 20404, 404)
    assert StoredFile.objects.count() == 1
