"""What the README and the first steps promise: their blocks run as they stand, against a live server."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from config.stack import credentials
from inventory.models import Did, Hold
from tests.factories import AccountFactory, NumberFactory, loaded
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def run(live_server: LiveServer, tmp_path: Path) -> Callable[[str, str], str]:
    """How a newcomer runs a block: in a shell that has read the credentials as the same page says."""
    account = AccountFactory.create()
    NumberFactory.create_batch(6, area_code="415")
    known = {"NUMBERYARD_URL": live_server.url, "ACCOUNT_SID": account.sid, "AUTH_TOKEN": account.auth_token}
    (tmp_path / ".data").mkdir()
    credentials.write(tmp_path / ".data" / "credentials.env", known)

    def told(page: str, command: str) -> str:
        signed_in = next(block for block in blocks(page, "sh") if "credentials.env" in block)
        shell = ["sh", "-ec", f"{signed_in}\n{command}"]
        path = {"PATH": os.environ["PATH"]}
        done = subprocess.run(
            shell, cwd=tmp_path, env=path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return told


def python(block: str) -> str:
    return shlex.join([sys.executable, "-c", block])


def test_the_block_of_the_readme_searches_and_buys(run: Callable[[str, str], str]) -> None:
    (block,) = blocks("README.md", "python")
    told = run("README.md", python(block))
    did = Did.objects.select_related("number").get()
    assert len(told.splitlines()) == 6
    assert f"bought {did.number} {did.sid}" in told


def test_it_is_ten_lines() -> None:
    (block,) = blocks("README.md", "python")
    assert len([line for line in block.splitlines() if line.strip()]) <= 10


def test_the_python_of_the_first_steps_buys_changes_and_gives_back(run: Callable[[str, str], str]) -> None:
    (block,) = blocks("docs/first-steps.md", "python")
    assert len(run("docs/first-steps.md", python(block)).splitlines()) == 5
    did = Did.objects.get()
    assert did.ended_at is not None
    assert did.voice_url == "https://example.com/voice"


def test_the_python_of_compliance_gathers_papers_and_hears_that_a_file_is_missing(
    run: Callable[[str, str], str],
) -> None:
    loaded("GB")
    (block,) = blocks("docs/compliance.md", "python")
    _, *told = run("docs/first-steps.md", python(block)).splitlines()
    assert told == [
        "individual_info True None",
        "proof_of_identity False The paper has no file: Passport.",
        "proof_of_address True None",
    ]


def test_the_requests_of_the_api_page_buy_once_and_from_a_reservation(run: Callable[[str, str], str]) -> None:
    told = run("docs/first-steps.md", "\n".join(f"{block}echo" for block in blocks("docs/api.md", "sh")))
    assert Did.objects.count() == 2
    assert told.count(Did.objects.earliest("pk").sid + ".json") == 2
    assert sorted(hold.ended for hold in Hold.objects.all()) == ["", "bought"]
    assert told.count('"mime_type":"image/png"') == 1


def test_the_curl_of_the_first_steps_buys(run: Callable[[str, str], str]) -> None:
    block = next(block for block in blocks("docs/first-steps.md", "sh") if "curl" in block)
    told = run("docs/first-steps.md", block)
    assert '"available_phone_numbers"' in told
    assert Did.objects.get().friendly_name == "Front desk"
