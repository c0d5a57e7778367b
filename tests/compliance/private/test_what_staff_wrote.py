"""What reviewers write may name people: it is ciphertext, rotates, and goes with an erasure, told or not."""

from importlib import import_module
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from compliance.models import Bundle, EndUser, ItemVerdict, Notice, SupportingDocument
from compliance.services import delivery, erasure, review
from tests.compliance.private.papers import reviewer
from tests.compliance.review import waiting

pytestmark = pytest.mark.django_db
WROTE = "The passport is that of Quackenbush."
HOW = "Ask Quackenbush for hers."
TABLES = ("compliance_itemverdict", "compliance_supportingdocument", "compliance_notice")


@pytest.fixture
def rejected() -> Bundle:
    """A reviewer has named somebody to its customer, by callback and by e-mail; neither has gone out yet."""
    user = reviewer()
    draft = waiting.draft(status_callback="https://example.com/hook")
    bundle = review.claim(waiting.submitted(draft), user)
    for item in bundle.items.all():
        wrong = item.document is not None
        words = {"reason": "name_mismatch", "sentence": WROTE, "fix_hint": HOW} if wrong else {}
        review.judge(bundle, item, user=user, approved=not wrong, **words)
    return review.decide(bundle, user)


def person(bundle: Bundle) -> EndUser:
    row = bundle.items.get(document=None).end_user
    assert row
    return row


def raw(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(each::text, ' ') FROM {table} AS each")  # noqa: S608 - our own tables
        return str(cursor.fetchone()[0])


def test_nobody_reads_it_in_the_database_and_everybody_who_may_in_the_page(rejected: Bundle) -> None:
    assert [table for table in TABLES if "Quackenbush" in raw(table)] == []
    said = {(each.sentence, each.fix_hint) for each in ItemVerdict.objects.filter(approved=False)}
    assert said == {(WROTE, HOW)}
    assert {(each.reason_sentence, each.fix_hint) for each in waiting.papers(rejected)} == {(WROTE, HOW)}


def test_it_rotates_with_everything_else_and_the_verdict_stays(rejected: Bundle, settings: Settings) -> None:
    before = list(ItemVerdict.objects.order_by("pk").values())
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_encryption")
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    assert list(ItemVerdict.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("change", [{"approved": True, "reason": ""}, {"seen": {}}, {"reason": "illegible"}])
def test_of_a_verdict_nothing_but_the_words_is_written_again(rejected: Bundle, change: dict[str, Any]) -> None:
    verdicts = ItemVerdict.objects.filter(approved=False)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        verdicts.update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        verdicts._raw_delete(verdicts.db)


def test_an_erasure_empties_the_words_and_gives_up_what_was_still_to_be_told(rejected: Bundle) -> None:
    assert Notice.objects.filter(next_at__isnull=False).count() >= 2
    erasure.erase(person(rejected), actor="user:1", reason="case 17")
    assert {(each.sentence, each.fix_hint) for each in ItemVerdict.objects.all()} == {("", "")}
    assert set(ItemVerdict.objects.values_list("approved", "reason")) == {(True, ""), (False, "name_mismatch")}
    assert {(each.reason_sentence, each.fix_hint) for each in SupportingDocument.objects.all()} == {("", "")}
    assert set(Notice.objects.values_list("next_at", "payload", "last_error")) == {(None, None, "erased")}
    assert delivery.deliver_due() == 0


def test_erasing_a_bundle_in_review_tells_nobody_of_it_any_more(rejected: Bundle) -> None:
    """The way out of the reviewers' hands is a move, and a move writes a notice."""
    bundle = waiting.submitted(rejected)
    erasure.erase(person(bundle), actor="user:1", reason="case 17")
    assert not Notice.objects.filter(next_at__isnull=False).exists()


def test_what_another_person_s_bundle_was_told_stays(rejected: Bundle) -> None:
    other = waiting.submitted(waiting.draft(of=rejected.regulation, account=rejected.account))
    erasure.erase(person(rejected), actor="user:1", reason="case 17")
    assert other.notices.filter(next_at__isnull=False).exists()


@pytest.mark.parametrize("ends", ["delivered", "failed"])
def test_a_notice_that_is_on_its_way_during_the_erasure_stays_given_up(
    rejected: Bundle, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_its_way(_notice: Notice) -> None:
        erasure.erase(person(rejected), actor="user:1", reason="case 17")
        if ends == "failed":
            raise delivery.Failed("answered 503")

    monkeypatch.setattr(delivery, "_WAYS", dict.fromkeys(delivery._WAYS, on_its_way))
    delivery.deliver_of(rejected.pk)
    assert set(Notice.objects.values_list("next_at", "payload", "last_error")) == {(None, None, "erased")}


def test_the_migration_encrypts_what_lay_there_in_clear(rejected: Bundle) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_itemverdict SET sentence = %s, fix_hint = ''", [WROTE])
        cursor.execute("UPDATE compliance_supportingdocument SET reason_sentence = %s, fix_hint = ''", [WROTE])
    migration: Any = import_module("compliance.migrations.0012_what_reviewers_wrote_is_encrypted")
    migration.encrypt(apps, None)
    assert "Quackenbush" not in raw(TABLES[0]) + raw(TABLES[1])
    assert {(each.sentence, each.fix_hint) for each in ItemVerdict.objects.all()} == {(WROTE, "")}
    assert {each.reason_sentence for each in waiting.papers(rejected)} == {WROTE}
