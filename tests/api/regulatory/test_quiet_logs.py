"""Whatever becomes of a request, what it says of people is in no log line and in no refusal."""

import json

import pytest

from tests.api.conftest import Caller, Part
from tests.api.regulatory.papers import DOCUMENTS, END_USERS, end_user

pytestmark = pytest.mark.django_db

PERSON = {"first_name": "Zdislava", "birth_date": "1815-12-10", "document_number": "L01X00T471"}
ADDRESS = {
    "CustomerName": "Zdislava",
    "Street": "Quince Lane 12",
    "City": "Berlin",
    "Region": "",
    "PostalCode": "Z9Z9Z",
}
TOLD = [*PERSON.values(), "Quince", "Z9Z9Z", "zdislava"]


def test_the_logs_of_papers_name_nobody(
    ada: Caller, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    attributes = json.dumps(PERSON)
    made = end_user(ada, Attributes=attributes)
    refusals = [
        ada.post(END_USERS, {"FriendlyName": "Zdislava", "Type": "Zdislava", "Attributes": attributes}),
        ada.post(END_USERS, {"FriendlyName": "Zdislava", "Type": "individual", "Attributes": attributes[:-1]}),
        ada.post(ada.of("Addresses.json"), ADDRESS | {"IsoCountry": "DE"}),
        ada.get(ada.of("Addresses.json"), {"CustomerName": "Zdislava", "EmergencyEnabled": "Zdislava"}),
        ada.upload(DOCUMENTS, {"FriendlyName": "Zdislava"}, Part(b"Zdislava", filename="zdislava.pdf")),
        ada.upload(DOCUMENTS, {"FriendlyName": "P", "Type": "passport"}, Part(b"L01X00T471", "zdislava.pdf")),
    ]
    ada.get(ada.of("Addresses.json"), {"CustomerName": "Zdislava", "FriendlyName": "Quince"})
    ada.delete(f"{END_USERS}/{made['sid']}")
    assert {answer.status_code for answer in refusals} == {400}
    lines = caplog.text + "".join(capfd.readouterr())
    assert "/Addresses.json" in lines
    said = "".join(answer.content.decode() for answer in refusals)
    assert [word for word in TOLD if word in lines or word in said] == []
