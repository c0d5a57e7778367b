"""What `make run` refuses, and how it says so."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from config.stack import __main__ as stack
from config.stack import credentials, environment, locks, ports

SECRETS = dict.fromkeys(("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "SANDBOX_API_KEY", "SMSC_PASSWORD"), "x")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the project's own data alone."""
    for name, path in {"DATA": tmp_path, "LOCK": tmp_path / "run.lock", "STACK": tmp_path / "stack.env"}.items():
        monkeypatch.setattr(stack, name, path)


def test_a_second_run_in_the_same_folder_is_refused() -> None:
    with locks.held(stack.LOCK), pytest.raises(stack.Refusal, match="already runs here as process"):
        stack.run()


def test_a_taken_port_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("NUMBERYARD_PORT", str(port))
        with pytest.raises(stack.Refusal, match=rf"port {port} .* is taken .* make run NUMBERYARD_PORT=\d+"):
            stack.run()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="NUMBERYARD_PORT must be a port number"):
        environment.web_address({"NUMBERYARD_PORT": port})


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text("1")
    with locks.held(tmp_path / "run.lock"):
        assert (tmp_path / "run.lock").read_text() != "1"


def test_what_the_caller_gives_wins(tmp_path: Path) -> None:
    composed = environment.compose(tmp_path, SECRETS, {"SECRET_KEY": "given", "SANDBOX_SEED": "7", "LOG_LEVEL": ""})
    assert (composed["SECRET_KEY"], composed["SANDBOX_SEED"]) == ("given", "7")
    assert "LOG_LEVEL" not in composed


def test_another_port_is_chosen_for_one_that_is_taken() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((ports.LOOPBACK, 0))
        taken = other.getsockname()[1]
        assert ports.choose(taken, kind=socket.SOCK_DGRAM) != taken


def test_a_taken_port_of_the_sandbox_is_replaced_on_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda port, **_: port != 5070)  # whoever else has it on this machine
    composed = environment.compose(tmp_path, SECRETS, {})
    assert composed["SANDBOX_SIP"] == composed["LAB_TRUNK_ADDRESS"] != f"{ports.LOOPBACK}:5070"


def test_another_command_runs_in_the_environment_of_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[object] = []
    monkeypatch.setattr(os, "execvpe", lambda *call: became.extend(call))
    credentials.write(stack.STACK, {"DATABASE_URL": "postgres://numberyard:secret@127.0.0.1:1/numberyard"})
    with locks.held(stack.LOCK):
        stack.main(["exec", sys.executable, "manage.py", "shell", "-c", "1"])
    assert became[1] == [sys.executable, "manage.py", "shell", "-c", "1"]
    assert became[2]["DATABASE_URL"].startswith("postgres://numberyard")  # type: ignore[index]  # the environment


def test_the_terminal_of_postgresql_takes_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[Any] = []
    monkeypatch.setattr(os, "execvpe", lambda *call: became.extend(call))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    credentials.write(stack.STACK, {"DATABASE_URL": "postgres://numberyard:secret@127.0.0.1:1/numberyard"})
    with locks.held(stack.LOCK):
        stack.main(["psql", "-At", "-c", "select 1", "--help"])
    assert became[1][1:] == ["-At", "-c", "select 1", "--help"]
    assert Path(became[1][0]).name == "psql"
    assert became[2]["PGPASSWORD"] == "secret"
    assert not any("secret" in each for each in became[1])


@pytest.mark.parametrize("command", [["env"], ["psql"], ["exec", "true"]])
@pytest.mark.parametrize("ran_before", [False, True])
def test_a_stack_that_does_not_run_has_no_environment(command: list[str], ran_before: bool) -> None:
    if ran_before:
        credentials.write(stack.STACK, {"DATABASE_URL": "postgres://numberyard:secret@127.0.0.1:1/numberyard"})
    with pytest.raises(stack.Refusal, match="not running here: make run"):
        stack.main(command)


def test_the_environment_survives_a_shell() -> None:
    assert environment.export_lines({"SECRET_KEY": "a'b $c"}) == "export SECRET_KEY='a'\"'\"'b $c'\n"


def test_a_server_on_every_address_is_asked_on_loopback_whatever_its_public_address() -> None:
    given = {"NUMBERYARD_HOST": "0.0.0.0", "NUMBERYARD_URL": "https://numbers.example"}  # noqa: S104 - the case at hand
    assert environment.local_url(given) == f"http://{ports.LOOPBACK}:8000"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - the case at hand
        ("numbers.lan", "http://numbers.lan:8000"),
        ("", "http://127.0.0.1:8000"),
    ],
)
def test_links_lead_to_an_address_that_can_be_reached(tmp_path: Path, host: str, origin: str) -> None:
    composed = environment.compose(tmp_path, SECRETS, {"NUMBERYARD_HOST": host})
    assert composed["NUMBERYARD_URL"] == origin
    assert "0.0.0.0" not in composed["ALLOWED_HOSTS"]  # noqa: S104 - the case at hand


def test_a_database_that_the_caller_gave_is_kept_for_commands_beside_the_stack() -> None:
    given = {"DATABASE_URL": "postgres://given", "HOME": "/home"}
    assert environment.worth_keeping({**given, "SANDBOX_SEED": "1"}, given) == {
        "DATABASE_URL": "postgres://given",
        "SANDBOX_SEED": "1",
    }


def test_the_public_name_is_answered_and_so_is_loopback(tmp_path: Path) -> None:
    given = {"NUMBERYARD_HOST": "0.0.0.0", "NUMBERYARD_URL": "https://numbers.example"}  # noqa: S104 - the case at hand
    hosts = environment.compose(tmp_path, SECRETS, given)["ALLOWED_HOSTS"].split(",")
    assert hosts == ["localhost", "127.0.0.1", "[::1]", "numbers.example"]
