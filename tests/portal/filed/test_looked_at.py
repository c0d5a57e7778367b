"""A correction while it is written: a word on each field that is left, a file shown before it is sent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, User
from compliance.models import Bundle, Evaluation, Regulation, SupportingDocument
from tests.compliance.review import waiting
from tests.factories import AccountFactory, BundleFactory
from tests.portal.filed.papers import item_of, rejected

EXCERPT = "commercial_registrar_excerpt"


@pytest.fixture
def bad(account: Account, germany: Regulation, rosa: User) -> Bundle:
    """A bundle whose extract was rejected."""
    return rejected(waiting.submitted(waiting.draft(of=germany, account=account)), rosa, EXCERPT)


def looked(client: Client, bundle: Bundle, type: str, field: str, **written: str) -> str:
    item = item_of(bundle, type)
    about = {"kind": type, "requirement": "business_name_info"} if type == EXCERPT else {}
    answer = client.post(f"/papers/{bundle.sid}/mend/{item.sid}/look", {**about, **written, "field": field})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("type", "written", "words"),
    [
        (EXCERPT, ("business_name", "Andere GmbH"), "differs from the end user"),
        (EXCERPT, ("business_name", "Musterfirma GmbH"), "Looks right."),
        (EXCERPT, ("no_such_field", "x"), ""),
        ("end_user", ("email", "nobody"), "The email address is not valid"),
        ("end_user", ("email", "erika@musterfirma.de"), "Looks right."),
    ],
)
def test_a_field_of_a_correction_is_looked_at_when_it_is_left(
    ada: Client, bad: Bundle, type: str, written: tuple[str, str], words: str
) -> None:
    before = SupportingDocument.objects.count(), Evaluation.objects.count()
    given = {**(waiting.COMPANY if type == "end_user" else {}), **dict([written])}
    said = looked(ada, bad, type, written[0], **given)
    assert words in said
    assert bool(said.strip()) is bool(words)
    assert (SupportingDocument.objects.count(), Evaluation.objects.count()) == before, "nothing is kept"


def test_the_form_looks_and_shows_the_file(ada: Client, bad: Bundle) -> None:
    item = item_of(bad, EXCERPT)
    shown = ada.get(f"/papers/{bad.sid}").content.decode()
    assert f'hx-post="/papers/{bad.sid}/mend/{item.sid}/look"' in shown
    assert f'id="{item.sid}-business_name_said"' in shown
    assert "data-drop" in shown
    assert "papers.js" in shown


def test_nothing_of_strangers_is_looked_at(ada: Client) -> None:
    theirs = BundleFactory.create(account=AccountFactory.create())
    item = theirs.items.get(end_user__isnull=False)
    assert ada.post(f"/papers/{theirs.sid}/mend/{item.sid}/look", {"field": "email"}).status_code == 404


def test_a_correction_that_changes_nothing_is_none(ada: Client, bad: Bundle) -> None:
    item = item_of(bad, EXCERPT)
    paper = item.document
    assert paper
    given = {"kind": EXCERPT, "requirement": "business_name_info", "business_name": paper.attributes["business_name"]}
    answer = ada.post(f"/papers/{bad.sid}/mend/{item.sid}", given, follow=True).content.decode()
    assert "Nothing was changed yet" in answer
    assert "Saved." not in answer
    paper.refresh_from_db()
    assert paper.revision == item_of(bad, EXCERPT).document.revision  # type: ignore[union-attr]  # a paper


def test_an_empty_file_is_no_missing_file(ada: Client, bad: Bundle) -> None:
    """Whoever chose one thinks that it was sent."""
    paper = item_of(bad, EXCERPT)
    given = {"kind": EXCERPT, "requirement": "business_name_info", "business_name": "Musterfirma GmbH"}
    empty = SimpleUploadedFile("scan.pdf", b"", content_type="application/pdf")
    answer = ada.post(f"/papers/{bad.sid}/mend/{paper.sid}", {**given, "File": empty}, follow=True).content.decode()
    assert "The file is empty." in answer
    assert "Nothing was changed yet" not in answer
