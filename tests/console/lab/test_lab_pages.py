"""The lab's pages: what was measured is there, what a far end wrote is harmless, and who may not look sees nothing."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from inventory.lifecycle import State
from inventory.models import LifecycleEntry, PhoneNumber
from inventory.yard.countries import choices
from testing_lab.evidence.dialogue import Said, joined, line
from testing_lab.models import Evidence, Outcome, Recording, Result, RunState, SuiteRun, VerdictOverride
from testing_lab.services import claims
from testing_lab.services.evidence import storage
from tests.console.lab.conftest import evidence_of
from tests.factories import NumberFactory, ProviderFactory, UserFactory

RUNS = "/console/testing_lab/suiterun/"
REASON = {"reason": "the carrier has repaired it"}
HOSTILE = '"><svg/onload=alert(1)><script>alert(1)</script>\x00\x1b\u202e'


def page(evidence: Evidence, rest: str = "") -> str:
    return f"{RUNS}evidence/{evidence.sid}/{rest}"


def clerk(*permissions: str) -> Client:
    """A member of staff with these permissions and no other."""
    user, client = UserFactory.create(is_staff=True), Client()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_a_run_shows_what_failed_first_each_value_at_its_limit_and_leads_to_the_evidence(
    staff: Client, failed_run: SuiteRun, call: Evidence
) -> None:
    shown = staff.get(f"{RUNS}{failed_run.pk}/change/").content.decode()
    places = [shown.index(f"<strong>{code}</strong>") for code in ("V05", "V06", "S03", "V01")]
    assert places == sorted(places)
    assert shown.count('<svg class="ny-gauge') == 2
    assert "2 fail · 2 pass · 1 not applicable" in shown
    assert page(call) in shown


def test_a_run_names_what_is_not_applicable_to_its_number_and_where_the_reasons_stand(
    staff: Client, failed_run: SuiteRun
) -> None:
    """Some are left out of numbers that are sold for voice: there is no register to ask (E01), no STIR there (V15)."""
    failed_run.results.filter(code="F01").update(code="E01")
    shown = staff.get(f"{RUNS}{failed_run.pk}/change/").content.decode()
    said = " ".join(re.sub(r"<[^>]+>", "", shown[shown.index("Not applicable") :].partition("</p>")[0]).split())
    assert said.startswith("Not applicable to this number: E01.")
    named = set(re.findall(r"docs/[a-z/-]+(?:\.md)?", said))
    assert named == {"docs/testing-lab.md", "docs/tests"}
    assert all((settings.BASE_DIR / path).exists() for path in named)


def test_a_runs_page_takes_the_same_queries_whatever_was_tried(
    staff: Client, failed_run: SuiteRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for attempt in (2, 3, 4):
        evidence_of(failed_run, attempt)
    with django_assert_num_queries(7):  # session, user, run, number, evidence, results, overrides
        staff.get(f"{RUNS}{failed_run.pk}/change/")


def test_the_list_names_the_failing_tests_and_asks_once_for_all(
    staff: Client, failed_run: SuiteRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(10):
        number = NumberFactory.create(testing=True)
        evidence_of(SuiteRun.objects.create(number=number, state=RunState.STUCK, attempt=1))
    with django_assert_num_queries(4):  # session, user, rows, stuck
        shown = staff.get(RUNS).content.decode()
    assert shown.count(">V05, V06<") == 11
    assert staff.get(f"{RUNS}?purpose__exact=staff").content.decode().count(">V05, V06<") == 0


def test_the_evidence_of_a_call_is_drawn_plotted_and_heard(
    staff: Client, recording: Recording, call: Evidence, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):  # session, user, evidence, results, recordings
        shown = staff.get(page(call)).content.decode()
    assert shown.count('<svg class="ny-ladder"') == 1
    assert shown.count('<svg class="ny-plot"') == 2
    for words in ("183 Session Progress", "Heard at the number", "6.561 %", "P-Asserted-Identity"):
        assert words in shown
    assert f'src="{page(call, f"audio/{recording.pk}.wav")}"' in shown
    anchors = re.findall(r'<a href="#(r1-[0-9]+)"', shown)
    assert len(anchors) == len(set(anchors)) == len([a for a in anchors if f'<article id="{a}">' in shown])


def test_the_dialogue_of_messages_is_drawn(staff: Client, failed_run: SuiteRun) -> None:
    shown = staff.get(page(failed_run.evidence.get(exchange="MessageSeries"))).content.decode()
    for words in ("submit_sm control", "deliver_sm part 2", "receipt control: UNDELIV", "SMSC"):
        assert words in shown


def test_whatever_a_far_end_wrote_is_text(staff: Client, call: Evidence, failed_run: SuiteRun) -> None:
    said = Said("caller", "received", "SIP", f"SIP/2.0 200 {HOSTILE}\r\nX: {HOSTILE}", 1.0, HOSTILE, HOSTILE)
    call.trace = line(said) + "left from before: <script>alert(1)</script>\n"
    call.packets = {"rounds": [{HOSTILE.replace("\x00", ""): {"mos": 1.0}, "to_number": "none"}]}
    call.timing = []
    call.save()
    failed_run.results.update(detail=HOSTILE.replace("\x00", ""))
    for path in (page(call), f"{RUNS}{failed_run.pk}/change/"):
        shown = staff.get(path).content.decode()
        ours = shown[shown.index('id="content"') :] if 'id="content"' in shown else shown
        assert "<script>alert" not in ours
        assert "<svg/onload" not in ours
        assert "&lt;script&gt;alert(1)" in ours


def test_the_largest_trace_that_can_be_kept_makes_a_page_of_bounded_size(staff: Client, call: Evidence) -> None:
    message = "INFO sip:x SIP/2.0\r\n" + "<" * 1_290
    flood = "".join(
        line(Said(end, "received", "SIP", message, 1.0)) for end in ("caller", "number") for _ in range(200)
    )
    call.trace = joined([flood] * 3)
    call.save()
    answer = staff.get(page(call))
    assert answer.status_code == 200
    assert len(answer.content) < 12_000_000


def test_the_file_of_the_dialogue_is_plain_text_to_keep(staff: Client, call: Evidence) -> None:
    call.trace = line(Said("caller", "received", "SIP", f"SIP/2.0 200 {HOSTILE}", 1.0))
    call.save()
    answer = staff.get(page(call, "trace.txt"))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'attachment; filename="{call.sid}.txt"'
    assert "received at the caller, SIP" in answer.content.decode()


def test_audio_is_played_to_staff_and_that_they_listened_is_written_down(
    staff: Client, recording: Recording, call: Evidence
) -> None:
    answer = staff.get(page(call, f"audio/{recording.pk}.wav"))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("audio/wav", "nosniff")
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.startswith(b"RIFF")
    assert LogEntry.objects.get().change_message == f"Listened: {recording} ({call.sid})"


def test_audio_of_another_exchange_and_audio_that_is_lost_are_not_found(
    staff: Client, recording: Recording, call: Evidence, failed_run: SuiteRun
) -> None:
    other = failed_run.evidence.get(exchange="MessageSeries")
    assert staff.get(page(other, f"audio/{recording.pk}.wav")).status_code == 404
    storage().delete(recording.key)
    assert staff.get(page(call, f"audio/{recording.pk}.wav")).status_code == 404
    assert staff.get(f"{RUNS}evidence/EV{'0' * 32}/").status_code == 404
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("rest", ["", "trace.txt", "audio/{}.wav"])
def test_evidence_is_for_those_who_may_see_runs(
    rest: str, customer: Client, client: Client, recording: Recording, call: Evidence
) -> None:
    path = page(call, rest.format(recording.pk))
    for visitor in (client, customer):
        assert visitor.get(path)["Location"].startswith("/console/login/")
    assert clerk("view_phonenumber").get(path).status_code == 403
    assert clerk("view_suiterun").get(path).status_code == 200


def test_evidence_that_is_past_keeping_says_so(staff: Client, call: Evidence, failed_run: SuiteRun) -> None:
    Evidence.objects.filter(pk=call.pk).update(trace="", timing=[], expired_at=call.created_at)
    assert "Past keeping" in staff.get(page(call)).content.decode()
    assert "past keeping since" in staff.get(f"{RUNS}{failed_run.pk}/change/").content.decode()


def test_a_verdict_is_overridden_by_those_who_may_with_a_reason_that_everybody_sees(
    staff: Client, failed_run: SuiteRun
) -> None:
    verb = f"{RUNS}{failed_run.pk}/do/override_passed/"
    assert "errorlist" in staff.post(verb, {"reason": " "}).content.decode()
    staff.post(verb, REASON)
    failed_run.refresh_from_db()
    failed_run.number.refresh_from_db()
    assert (failed_run.passed, failed_run.number.state) == (True, State.QUARANTINED)
    assert {entry.reason for entry in LifecycleEntry.objects.filter(number=failed_run.number)} == {REASON["reason"]}
    for path in (f"{RUNS}{failed_run.pk}/change/", f"/console/inventory/phonenumber/{failed_run.number_id}/change/"):
        shown = staff.get(path).content.decode()
        assert "overridden" in shown
        assert "staff@example.com" in shown
        assert REASON["reason"] in shown
    assert LogEntry.objects.get().change_message == f"Set to passed: {REASON['reason']}"


def test_overriding_takes_a_permission_of_its_own(failed_run: SuiteRun) -> None:
    verb = f"{RUNS}{failed_run.pk}/do/override_passed/"
    may_run_again = clerk("view_suiterun", "change_suiterun")
    assert b"Set to passed" not in may_run_again.get(f"{RUNS}{failed_run.pk}/change/").content
    assert may_run_again.post(verb, REASON).status_code == 403
    assert clerk("view_suiterun").post(verb, REASON).status_code == 403
    assert not VerdictOverride.objects.exists()
    assert clerk("view_suiterun", "override_verdict").post(verb, REASON).status_code == 302
    assert VerdictOverride.objects.count() == 1


def test_running_again_leads_to_the_new_run(staff: Client, failed_run: SuiteRun) -> None:
    answer = staff.post(f"{RUNS}{failed_run.pk}/do/rerun/", REASON)
    new = SuiteRun.objects.latest("pk")
    assert new.pk != failed_run.pk
    assert answer["Location"] == f"{RUNS}{new.pk}/change/"
    refused = staff.post(f"{RUNS}{failed_run.pk}/do/rerun/", REASON, follow=True).content.decode()
    assert f"suite run {new.pk} of this number is open" in refused


def test_the_home_page_says_how_the_lab_is_doing(staff: Client, failed_run: SuiteRun) -> None:
    def line() -> str:
        shown = staff.get("/console/").content.decode()
        return " ".join(re.sub(r"<[^>]+>", "", shown[shown.index('class="ny-health') :].partition("</p>")[0]).split())

    assert "The lab has nothing to do. Passed: 0 of the last 1 verdict; the latest just now" in line()
    due = SuiteRun.objects.create(number=NumberFactory.create(testing=True))
    SuiteRun.objects.filter(pk=failed_run.pk).update(finished_at=failed_run.created_at - timedelta(hours=1))
    assert "The lab does nothing, and 1 run is due" in line()
    SuiteRun.objects.create(number=NumberFactory.create(testing=True))
    claims.claim("lab-1", 1)
    due.refresh_from_db()
    assert due.state == RunState.CLAIMED
    assert "The lab tests 1 number at 1 daemon; 1 waits." in line()
    assert "ny-health" not in clerk("view_phonenumber").get("/console/").content.decode()


def test_pass_rates_are_drawn_on_one_axis_that_is_named_and_none_is_cut_off(staff: Client) -> None:
    for passed in (0, 60, 94):
        number = NumberFactory.create(provider=ProviderFactory.create(slug=f"tern-{passed}"))
        run = SuiteRun.objects.create(
            number=number, state=RunState.DONE, passed=True, attempt=100, finished_at=timezone.now()
        )
        Result.objects.bulk_create(
            Result(run=run, attempt=100, code=f"X{at:02}", outcome=Outcome.PASS if at < passed else Outcome.FAIL)
            for at in range(100)
        )
    shown = staff.get(f"{RUNS}scorecard/").content.decode()
    heights = [float(y) for y in re.findall(r'class="ny-trend" d="M6.0 ([0-9.]+)h0"', shown)]
    assert heights == pytest.approx([38.0, 38.0 - 0.6 * 32, 38.0 - 0.94 * 32], abs=0.06), "the worst first"
    assert shown.count("passed (drawn from 0 to 100 %)") == 3
    only = staff.get(f"{RUNS}scorecard/?provider=tern-94").content.decode()
    assert "passed (drawn from 94 to 100 %)" in only


def test_the_scorecard_shows_each_provider_and_country_by_week_the_worst_first(
    staff: Client, failed_run: SuiteRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    good, bad = ProviderFactory.create(), ProviderFactory.create()
    PhoneNumber.objects.filter(pk=failed_run.number_id).update(provider=bad)
    fine = SuiteRun.objects.create(
        number=NumberFactory.create(provider=good),
        state=RunState.DONE,
        passed=True,
        attempt=1,
        finished_at=failed_run.finished_at,
    )
    for code, value, unit in (("V02", 0.8, "s"), ("V05", 4.3, "MOS-CQE")):
        Result.objects.create(run=fine, attempt=1, code=code, outcome=Outcome.PASS, value=value, unit=unit)
    choices()
    with django_assert_num_queries(8):  # session, user, each of four weeks, providers of the form: to check and to show
        shown = staff.get(f"{RUNS}scorecard/").content.decode()
    assert 0 < shown.index(f"<h2>{bad.slug} · US") < shown.index(f"<h2>{good.slug} · US")
    assert 'class="ny-poor" title="0 passed, 1 failed, 0 inconclusive">0<' in shown
    assert 'class="ny-good" title="1 passed, 0 failed, 0 inconclusive">100<' in shown
    assert "0.80, 95 %: 0.80 s" in shown
    assert "F01" not in shown[shown.index("<h2>") :]
    only = staff.get(f"{RUNS}scorecard/?provider={good.slug}&country=US&weeks=8").content.decode()
    assert f"<h2>{bad.slug}" not in only
    for nothing in ("?country=FR", "?provider=0&weeks=x"):
        assert staff.get(f"{RUNS}scorecard/{nothing}").status_code == 200
    assert clerk("view_phonenumber").get(f"{RUNS}scorecard/").status_code == 403
