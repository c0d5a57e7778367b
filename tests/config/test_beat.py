"""Beat has an application of its own, without our code."""

import subprocess
import sys

from config import beat, celery

ROOMS = ("accounts", "api", "compliance", "console", "inventory", "numbering", "portal", "testing_lab")
_LOADED = f"""
import sys
from config.beat import app
app.loader.init_worker()
print(*{{name.split(".")[0] for name in sys.modules}} & {{*{ROOMS!r}}})
"""


def test_beat_loads_none_of_our_rooms() -> None:
    loaded = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_what_beat_sends_takes_the_way_that_the_workers_know() -> None:
    for entry in celery.app.conf.beat_schedule.values():
        ways = [app.amqp.router.route({}, entry["task"])["queue"].name for app in (beat.app, celery.app)]
        assert ways[0] == ways[1]
