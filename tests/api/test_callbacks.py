"""Providers call back: the signature decides, and all it does is to make us ask."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, patch

import pytest
from django.conf import LazySettings
from django.test import Client

from api import callbacks
from config.celery import app
from inventory.models import Provider
from sandbox.fulfilment import sign
from tests.api.test_incoming import refused
from tests.factories import ProviderFactory
from tests.inventory.providers.contract import attempt, order_of_two
from tests.inventory.providers.counter import opened
from tests.inventory.providers.didww_shop import CALLBACK_URL, DidwwShop
from tests.inventory.providers.telnyx_shop import TelnyxShop
from tests.inventory.providers.test_sandbox_reading import ORDER

if TYPE_CHECKING:
    from django.test.client import (
        _MonkeyPatchedWSGIResponse as Answer,  # a response with `.json()`; only the stubs name it
    )

pytestmark = pytest.mark.django_db

BODY = json.dumps(ORDER).encode()


@pytest.fixture
def provider(settings: LazySettings) -> Provider:
    settings.SANDBOX_API_KEY = "a key of both"
    made: Provider = ProviderFactory.create()
    return made


@pytest.fixture
def sent() -> Iterator[Mock]:
    """What was sent to the broker."""
    with patch.object(app, "send_task") as send_task:
        yield send_task


def called_back(slug: str, body: bytes = BODY, *, key: bytes = b"a key of both") -> "Answer":
    headers = {"X-Sandbox-Signature": sign(key, body)}
    path = f"/inventory/v1/ProviderCallbacks/{slug}"
    return Client(raise_request_exception=False).post(path, body, content_type="application/json", headers=headers)


def test_a_genuine_callback_makes_us_look_at_the_order_now(
    provider: Provider, sent: Mock, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = called_back(provider.slug)
    assert (answer.status_code, answer.content) == (204, b"")
    assert sent.call_args.args == ("inventory.tasks.hear_callback",)
    assert sent.call_args.kwargs["args"] == (ORDER["client_reference"],)


def test_what_is_forged_or_unreadable_is_refused_and_does_nothing(
    provider: Provider, sent: Mock, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        refused(called_back(provider.slug, key=b"guessed"), 20006, 403)
        refused(called_back(provider.slug, b"[" * 20_000), 20006, 403)
        refused(Client().post(f"/inventory/v1/ProviderCallbacks/{provider.slug}"), 20006, 403)
    assert not sent.called


def test_a_slug_of_nobody_and_of_one_who_never_calls_are_20404(provider: Provider) -> None:
    refused(called_back("nobody"), 20404, 404)
    refused(called_back(ProviderFactory.create(adapter="").slug), 20404, 404)


def test_a_callback_is_short(provider: Provider) -> None:
    answer = called_back(provider.slug, b" " * (callbacks.MAX_BYTES + 1))
    refused(answer, 20001)
    assert str(callbacks.MAX_BYTES) in answer.json()["message"]


def test_a_callback_is_posted(provider: Provider) -> None:
    refused(Client().get(f"/inventory/v1/ProviderCallbacks/{provider.slug}"), 20004, 405)


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.mark.parametrize(
    ("shop_class", "content_type"), [(TelnyxShop, JSON), (DidwwShop, FORM)], ids=["telnyx", "didww"]
)
def test_each_vendor_calls_back_in_its_own_form(
    settings: LazySettings,
    sent: Mock,
    django_capture_on_commit_callbacks: Any,
    shop_class: type[TelnyxShop | DidwwShop],
    content_type: str,
) -> None:
    slug = shop_class.__name__.removesuffix("Shop").lower()
    options = {"callback_url": CALLBACK_URL}
    provider = Provider.objects.create(slug=slug, name=slug, adapter=slug, options=options)
    with opened(shop_class(provider, settings)) as shop, django_capture_on_commit_callbacks(execute=True):
        shop.open_account()
        order = attempt(order_of_two(shop))
        headers, body = shop.genuine_callback(order)
        url = f"/inventory/v1/ProviderCallbacks/{slug}"
        assert Client().post(url, body, content_type=content_type, headers=headers).status_code == 204
        refused(Client().post(url, body + b"x", content_type=content_type, headers=headers), 20006, 403)
    assert sent.call_args.args == ("inventory.tasks.hear_callback",)
    assert sent.call_args.kwargs["args"] == (order.key,)
