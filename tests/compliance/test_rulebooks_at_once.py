"""Loading and activating by several processes at once: one does it, the others find it done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from compliance.models import AgingRule, Rulebook
from compliance.services import rulebooks
from numbering.recent import forget_everything
from tests.compliance.country_folder import folder_of, rewrite

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


def all_at_once(act: Callable[[int], object]) -> list[object]:
    """What each of them returned or raised."""
    start = Barrier(AT_ONCE)

    def one(number: int) -> object:
        start.wait(timeout=60)
        try:
            return act(number)
        except rulebooks.NotActivated as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_one_version_comes_of_many_loads_and_one_day_of_many_activations(tmp_path: Path) -> None:
    forget_everything()
    folder_of(tmp_path, "FR")
    all_at_once(lambda number: rulebooks.load(tmp_path))
    assert list(Rulebook.objects.values_list("version", "effective_from")) == [(1, date(2026, 11, 20))]
    aging = AgingRule.objects.count()

    rewrite(tmp_path, "FR", lambda document: document.update(notes=["read again"]))
    all_at_once(lambda number: rulebooks.load(tmp_path))
    waiting = Rulebook.objects.get(version=2)

    def activate(number: int) -> object:
        return rulebooks.activate(waiting, effective_from=date(2027, 1, 1 + number), actor=f"user:{number}")

    outcomes = all_at_once(activate)
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Rulebook)]
    waiting.refresh_from_db()
    assert (waiting.effective_from, waiting.activated_by) == (winner.effective_from, winner.activated_by)
    assert AgingRule.objects.count() == aging
