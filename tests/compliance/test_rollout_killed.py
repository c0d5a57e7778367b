"""The rollout, a process of its own, is killed in the middle of a batch: the next one does what is left, and once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from compliance.models import Bundle, Notice, Recheck, Rulebook
from compliance.services import rollout, rulebooks
from numbering.recent import forget_everything
from tests.compliance.country_folder import folder_of
from tests.compliance.test_impact import approved, ask_for_a_phone_number, version
from tests.factories import AccountFactory
from tests.testing_lab.strangers.test_killed_in_the_middle import url_of_the_test_database

pytestmark = pytest.mark.django_db(transaction=True)

# Two bundles to a batch. When the third batch has told its customers, and is not committed, it says so and waits.
SWEEP = """
import sys, time, django
django.setup()
from accounts import sweeping
from compliance.services import notices, rollout
tell, batches, told = notices.tell, sweeping.batches, []
def tell_and_wait(bundles, event):
    tell(bundles, event)
    told.append(event)
    if len(told) == 3:
        print("in the middle", flush=True)
        time.sleep(600)
rollout.batches = lambda rows: batches(rows, size=2)
notices.tell = tell_and_wait
rollout.recheck_due()
"""


def test_a_killed_rollout_is_taken_up_where_it_was(tmp_path: Path) -> None:
    forget_everything()
    rulebooks.load(folder_of(tmp_path, "DE"))
    account = AccountFactory.create()
    bundles = [approved(account) for _ in range(7)]
    rulebooks.activate(
        version(tmp_path, ask_for_a_phone_number), effective_from=timezone.now().date(), actor="user:anna"
    )
    environment = {"DATABASE_URL": url_of_the_test_database(), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    with subprocess.Popen([sys.executable, "-c", SWEEP], env=os.environ | environment, stdout=subprocess.PIPE) as sweep:
        try:
            assert sweep.stdout is not None
            assert sweep.stdout.readline() == b"in the middle\n"
        finally:
            os.kill(sweep.pid, signal.SIGKILL)
    with transaction.atomic():  # a sweep passes over what is locked: wait until PostgreSQL has seen that this one died
        list(Bundle.objects.select_for_update())
    assert (Recheck.objects.count(), told()) == (4, {bundle.pk: 1 for bundle in bundles[:4]})

    assert rollout.recheck_due() == 3
    assert told() == {bundle.pk: 1 for bundle in bundles}
    assert Recheck.objects.filter(rulebook=Rulebook.objects.latest("pk")).count() == 7
    assert not Bundle.objects.filter(valid_until=None).exists()
    assert rollout.recheck_due() == 0


def told() -> Counter[int]:
    return Counter(Notice.objects.filter(event="regulation_changed").values_list("bundle", flat=True))
