"""Any worker of the web server answers `/metrics` for all of them."""

import re
from pathlib import Path

import httpx
import pytest

from tests.api.gunicorn import serving
from tests.patience import PATIENCE

PROBES = 12
COUNT = re.compile(r'^django_http_requests_total_by_view_\w+\{[^}]*view="config.health.healthz"[^}]*\} (\S+)', re.M)


@pytest.mark.django_db(transaction=True)
def test_counts_are_those_of_all_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / "counter_1.db"
    left.write_bytes(b"of an earlier server")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--config=python:config.gunicorn")
    with serving() as origin:
        for _ in range(PROBES):
            httpx.get(f"{origin}/healthz", timeout=PATIENCE)
        pages = [httpx.get(f"{origin}/metrics", timeout=PATIENCE).text for _ in range(6)]
    assert {float(count) for page in pages for count in COUNT.findall(page)} == {PROBES}
    assert all('numberyard_numbers{state="AVAILABLE"}' in page for page in pages)
    assert not left.exists()
