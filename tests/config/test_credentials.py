"""Secrets are made once and read by nobody else."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.stack import credentials


def test_secrets_are_made_once(tmp_path: Path) -> None:
    assert credentials.load_or_make(tmp_path) == credentials.load_or_make(tmp_path)


def test_two_projects_share_no_secret(tmp_path: Path) -> None:
    one, other = credentials.load_or_make(tmp_path / "one"), credentials.load_or_make(tmp_path / "other")
    assert not set(one.values()) & set(other.values())


def test_only_the_owner_can_read_a_file_of_secrets(tmp_path: Path) -> None:
    path = tmp_path / "credentials.env"
    path.write_text("left by somebody with a wide umask")
    path.chmod(0o644)
    credentials.write(path, {"AUTH_TOKEN": "x"})
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_encryption_key_is_one(tmp_path: Path) -> None:
    key = credentials.load_or_make(tmp_path)["FIELD_ENCRYPTION_KEYS"]
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"token")) == b"token"


def test_the_smsc_password_fits_its_field(tmp_path: Path) -> None:
    """SMPP 3.4, 5.2.2: at most nine octets, the last of them null."""
    assert len(credentials.load_or_make(tmp_path)["SMSC_PASSWORD"]) <= 8


def test_a_database_without_its_secrets_is_not_given_new_ones(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(FileNotFoundError, match="a database is here"):
        credentials.load_or_make(tmp_path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values = {"NUMBERYARD_URL": "http://127.0.0.1:8000", "AUTH_TOKEN": "with=sign and space"}
    credentials.write(tmp_path / "some.env", values)
    assert credentials.read(tmp_path / "some.env") == values
