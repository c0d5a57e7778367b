"""Documents in a bucket that speaks S3. The server is asked for no encryption: what leaves us is ciphertext."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

# Checksums of S3's own dialect are unknown to many who speak S3; each object has its digest in the database.
_PATIENT = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)

_PLAIN = TransferConfig(use_threads=False)


@contextmanager
def _as_file_systems_fail() -> Iterator[None]:
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(f"the bucket does not do as asked: {type(error).__name__}") from error


class DocumentBucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """Fails as a folder does, with OSError, so that nobody above needs to know which of the two it is."""

    def get_default_settings(self) -> dict[str, Any]:
        """One request for an object, in the thread that wants it; names are random, nothing is overwritten."""
        ours = {"default_acl": None, "file_overwrite": True, "transfer_config": _PLAIN, "client_config": _PATIENT}
        return {**super().get_default_settings(), **ours}

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _as_file_systems_fail():
            return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        with _as_file_systems_fail():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _as_file_systems_fail():
            super().delete(name)

    def listdir(self, path: str) -> Any:
        with _as_file_systems_fail():
            return super().listdir(path)

    def get_modified_time(self, name: str) -> Any:
        with _as_file_systems_fail():
            return super().get_modified_time(name)

    def url(self, *_: Any, **__: Any) -> NoReturn:
        """Documents have no address: only a grant opens one, through the application."""
        raise ValueError
