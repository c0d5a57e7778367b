"""Secrets at rest: unreadable in the database, readable through the key ring, rotatable."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from accounts.encryption import UndecipherableText
from accounts.models import Account
from accounts.services.credentials import open_account

pytestmark = pytest.mark.django_db


def stored_token(account: Account) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT auth_token FROM accounts_account WHERE id = %s", [account.pk])
        return str(cursor.fetchone()[0])


def test_the_database_never_sees_the_token() -> None:
    account = open_account("Acme")
    assert account.auth_token not in stored_token(account)
    assert Account.objects.get(pk=account.pk).auth_token == account.auth_token


def test_after_rotation_the_old_key_may_go(settings: Settings) -> None:
    account = open_account("Acme")
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    call_command("rotate_encryption")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Account.objects.get(pk=account.pk).auth_token == account.auth_token


def test_a_lost_key_is_said_and_not_read_as_nothing(settings: Settings) -> None:
    account = open_account("Acme")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(UndecipherableText):
        Account.objects.get(pk=account.pk)
