"""What a person gets who asks for everything."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from compliance.models import BundleView, EndUser, Seen
from compliance.services import erasure, export, grants
from tests.compliance.private.papers import picture, reviewer
from tests.compliance.private.test_erasure import BY, bundle_with_a_file, document_of, person
from tests.factories import DidFactory

pytestmark = pytest.mark.django_db


def unpacked(end_user: EndUser) -> tuple[dict[str, Any], dict[str, bytes]]:
    with ZipFile(BytesIO(b"".join(export.stream(end_user)))) as package:
        assert package.testzip() is None
        files = {name: package.read(name) for name in package.namelist()}
    return json.loads(files.pop("person.json")), files


def test_everything_about_a_person_is_in_the_zip() -> None:
    bundle = bundle_with_a_file()
    document, user = document_of(bundle), reviewer(email="secretive.reviewer@example.com")
    grants.view(grants.open_document(document, user), user=user, what=Seen.PREVIEW)
    BundleView.objects.create(bundle=bundle, user=user)
    did = DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    said, files = unpacked(person(bundle))
    assert said["schema"] == "numberyard.person/1"
    assert said["end_user"]["attributes"] == person(bundle).attributes
    assert said["addresses"][0]["street"] == document.addresses.get().street
    assert said["documents"][0]["file"] == f"files/{document.sid}.jpg"
    assert files == {f"files/{document.sid}.jpg": picture()}
    assert said["bundles"][0]["email"] == bundle.email
    assert [entry["verb"] for entry in said["bundles"][0]["history"]] == ["create", "submit", "claim", "approve"]
    assert [look["what"] for look in said["looks"]] == [document.sid, bundle.sid]
    assert said["numbers"][0]["number"] == f"+{did.number.e164}"
    assert said["to_be_erased_at"] is None
    assert "secretive" not in json.dumps(said)


def test_after_an_erasure_the_zip_says_so() -> None:
    bundle = bundle_with_a_file()
    end_user = person(bundle)
    erasure.erase(end_user, **BY)
    end_user.refresh_from_db()
    said, files = unpacked(end_user)
    assert said["end_user"]["attributes"] == {}
    assert said["erased"][0]["reason"] == BY["reason"]
    assert files == {}
