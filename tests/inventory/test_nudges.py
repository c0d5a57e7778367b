"""Nudges: by name, after the commit, and never in the way of the work."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from accounts import nudges
from config.celery import app
from config.schedule import BEAT_SCHEDULE
from inventory.models import OrderState, ProviderOrder
from inventory.services import sourcing
from numbering.types import NumberType
from tests.inventory.conftest import Seller
from tests.patience import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "api", "compliance", "console", "inventory", "portal", "testing_lab")


def nudged_names() -> Iterator[tuple[str, str]]:
    """Every call of `nudge` in the source: where it is, and the name it gives."""
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "nudge":
                assert isinstance(node.args[0], ast.Constant), f"{path}: nudge with a name that can't be checked"
                yield f"{path.relative_to(ROOT)}:{node.lineno}", str(node.args[0].value)


@pytest.fixture(scope="module")
def registered() -> set[str]:
    """The tasks that a worker knows."""
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_every_nudge_names_a_registered_task(registered: set[str]) -> None:
    found = dict(nudged_names())
    assert found
    assert {where: name for where, name in found.items() if name not in registered} == {}


def test_the_schedule_names_registered_tasks_and_its_messages_expire(registered: set[str]) -> None:
    for entry in BEAT_SCHEDULE.values():
        assert entry["task"] in registered
        assert entry["options"]["expires"] == entry["schedule"]


def test_every_route_leads_to_a_queue_that_a_worker_reads(registered: set[str]) -> None:
    queues = {queue.name for queue in app.conf.task_queues}
    for pattern, route in app.conf.task_routes.items():
        assert route["queue"] in queues
        assert any(fnmatch(name, pattern) for name in registered), f"{pattern} routes nothing"


@pytest.mark.django_db(transaction=True)
def test_a_nudge_is_sent_by_the_commit_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **_: sent.append(name))
    with transaction.atomic():
        nudges.nudge("inventory.tasks.place_order", 1)
        assert sent == []
    assert sent == ["inventory.tasks.place_order"]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        nudges.nudge("inventory.tasks.place_order", 2)
        raise ZeroDivisionError
    assert len(sent) == 1


def test_a_broker_that_is_down_costs_neither_the_work_nor_the_time() -> None:
    script = (
        "import time; pauses = []; time.sleep = pauses.append;"  # before anything imports it: asked, and not waited for
        "import django; django.setup(); from accounts import nudges;"
        "nudges._send('inventory.tasks.place_order', (1,)); print(sum(pauses))"
    )
    environment = os.environ | {"REDIS_URL": "redis://127.0.0.1:9/0"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert float(done.stdout.splitlines()[-1]) < 1  # seconds
    assert "nudge_lost" in done.stdout + done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_places_the_order_that_was_committed(seller: Seller, settings: Any) -> None:
    app.control.purge()
    environment = os.environ | {
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict),
        "SANDBOX_URL": seller.process.http_url,
        "SANDBOX_API_KEY": seller.process.api_key,
    }
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--pool=solo", "-Q", "providers"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as worker:
        try:
            sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=2, provider=seller.provider)
            order = ProviderOrder.objects.get()
            eventually(lambda: seller.orders(order.key))
            eventually(lambda: ProviderOrder.objects.get().state == OrderState.PLACED)
        finally:
            worker.terminate()
            worker.wait(PATIENCE)
