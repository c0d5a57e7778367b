"""The storages that documents may lie in: a real folder, and a bucket of a server that speaks S3 over HTTP (moto)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django import Settings

CREDENTIALS = {"region_name": "eu-central-1", "access_key": "key", "secret_key": "secret"}


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A server for the tests of this process, at a port of its own choice; its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket_options(url: str, name: str) -> dict[str, Any]:
    return {"bucket_name": name, "endpoint_url": url, **CREDENTIALS}


def use(settings: Settings, backend: str, options: dict[str, Any]) -> None:
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": backend, "OPTIONS": options}}


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """As a deployment has it; the folder."""
    options = {
        "location": tmp_path / "documents",
        "base_url": None,
        "file_permissions_mode": 0o640,
        "directory_permissions_mode": 0o750,
    }
    use(settings, "compliance.vault.folder.DocumentFolder", options)
    return tmp_path / "documents"


@pytest.fixture
def bucket(settings: Settings, s3: str) -> str:
    """As a deployment has it; the name of the bucket."""
    name = f"documents-{uuid4()}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}
    boto3.client("s3", endpoint_url=s3, **keys).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    use(settings, "compliance.vault.bucket.DocumentBucket", bucket_options(s3, name))
    return name


@pytest.fixture(params=["folder", "bucket"])
def vault(request: pytest.FixtureRequest) -> str:
    """Each of them in turn."""
    request.getfixturevalue(request.param)
    return str(request.param)
