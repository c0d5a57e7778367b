"""The shop window with a few numbers in it."""

import pytest

from tests.api.available import window
from tests.api.conftest import CONTRACTS

if not (CONTRACTS / "twilio_api_v2010.json").exists():
    collect_ignore = ["test_window_contract.py"]  # tests/api/conftest.py says so in the header of the run


@pytest.fixture
def _window(db: None) -> None:
    window.set_out()
