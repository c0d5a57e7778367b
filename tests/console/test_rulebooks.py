"""The page of a rulebook: what its version changes, for whom, and the button that puts it in force."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import Bundle, RolloutPolicy, Rulebook
from compliance.services import rollout, rulebooks
from numbering.recent import forget_everything
from tests.compliance.country_folder import folder_of
from tests.compliance.test_impact import approved, ask_for_a_phone_number, version
from tests.factories import DidFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget_everything()


@pytest.fixture
def waiting(tmp_path: Path) -> Rulebook:
    """Germany's second version, which asks businesses for a phone number."""
    rulebooks.load(folder_of(tmp_path, "DE"))
    return version(tmp_path, ask_for_a_phone_number)


def page(book: Rulebook, verb: str = "") -> str:
    if verb:
        return reverse("admin:compliance_rulebook_verb", args=[book.pk, verb])
    return reverse("admin:compliance_rulebook_change", args=[book.pk])


def shown(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def activation(day: date) -> dict[str, str]:
    return {"effective_from": day.isoformat(), "reason": "decided on Monday"}


def test_a_version_that_waits_shows_what_it_changes_and_for_whom(staff: Client, waiting: Rulebook) -> None:
    bundle = approved()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    text = shown(staff.get(page(waiting)))
    assert "What changes from version 1" in text
    assert "field added: phone_number" in text
    assert "1 of 1 bundles, with 1 number in service." in text
    assert bundle.sid in text


def test_another_day_is_tried_before_anything_is_activated(staff: Client, waiting: Rulebook) -> None:
    RolloutPolicy.objects.create(country="DE", grace_days=30, valid_from="2026-01-01", set_by="user:ops")
    approved()
    today = timezone.now().date()
    later = today + timedelta(days=100)
    for asked, days in (("", 30), (f"?on={later}", 130), ("?on=1999-01-01", 30), ("?on=never", 30)):
        text = shown(staff.get(page(waiting) + asked))
        assert f"have {days} days: until {today + timedelta(days=days)}" in text, asked
    waiting.refresh_from_db()
    assert waiting.effective_from is None


def test_a_page_shows_nothing_of_the_papers(staff: Client, waiting: Rulebook) -> None:
    approved()
    text = shown(staff.get(page(waiting)))
    for secret in ("Musterfirma", "Erika", "HRB 86891", "Unter den Linden"):
        assert secret not in text


def test_staff_activate_it_from_a_day_on_and_say_why(staff: Client, waiting: Rulebook) -> None:
    assert "going back takes a newer version" in shown(staff.get(page(waiting, "activate")))
    staff.post(page(waiting, "activate"), activation(date(2027, 1, 1)))
    waiting.refresh_from_db()
    assert (waiting.effective_from, waiting.activated_by) == (date(2027, 1, 1), "user:staff@example.com")
    assert staff.get(page(waiting, "activate")).status_code == 404


def test_without_a_day_or_a_reason_nothing_is_activated(staff: Client, waiting: Rulebook) -> None:
    for missing in ("effective_from", "reason"):
        staff.post(page(waiting, "activate"), activation(timezone.now().date()) | {missing: ""})
    waiting.refresh_from_db()
    assert waiting.effective_from is None


def test_a_day_before_the_rules_in_force_is_refused_in_words(staff: Client, waiting: Rulebook) -> None:
    answer = staff.post(page(waiting, "activate"), activation(date(2020, 1, 1)), follow=True)
    assert "Nothing was done: DE version 1 begins on 2026-11-20" in shown(answer)


def test_who_may_only_look_activates_nothing(waiting: Rulebook) -> None:
    user = UserFactory.create(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_rulebook"))
    client = Client()
    client.force_login(user)
    assert client.get(page(waiting)).status_code == 200
    assert client.post(page(waiting, "activate"), activation(date(2027, 1, 1))).status_code == 403
    waiting.refresh_from_db()
    assert waiting.effective_from is None


def test_a_version_in_force_shows_what_became_of_bundles(
    staff: Client, waiting: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.services.notices.tell", lambda *_, **__: None)
    RolloutPolicy.objects.create(numbers_at_end="keep", valid_from=date(2026, 1, 1), set_by="user:anna")
    bundle = approved()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    rulebooks.activate(waiting, effective_from=timezone.now().date(), actor="user:anna")
    rollout.recheck_due()
    Bundle.objects.filter(pk=bundle.pk).update(valid_until=timezone.now())
    text = shown(staff.get(page(waiting)))
    assert "1 looked at again, 1 of them lacked something" in text
    assert "the policy leaves it to you" in text
    assert bundle.sid in text


def test_the_list_says_which_version_waits(staff: Client, waiting: Rulebook) -> None:
    text = shown(staff.get(reverse("admin:compliance_rulebook_changelist")))
    assert text.index(">waits<") < text.index(">in force<")
    only = shown(staff.get(reverse("admin:compliance_rulebook_changelist"), {"state": "waiting"}))
    assert ">in force<" not in only


def test_staff_add_a_policy_which_has_their_name(staff: Client) -> None:
    row = {"country": "DE", "grace_days": "30", "numbers_at_end": "keep", "valid_from": "2027-01-01"}
    staff.post(reverse("admin:compliance_rolloutpolicy_add"), row)
    policy = RolloutPolicy.objects.get()
    assert (policy.country, policy.grace_days, policy.set_by) == ("DE", 30, "user:staff@example.com")
