"""Who can sign in to the demonstration: a member of staff, a customer, and the customer's API credentials."""

import secrets
from collections.abc import Mapping

from django.db import transaction

from accounts.models import Account, ApiKey, Membership, User
from accounts.services.credentials import authenticate, issue_key, open_account

STAFF = "staff@numberyard.example"
CUSTOMER = "customer@numberyard.example"
ACCOUNT = "Demo customer"
TEST_ACCOUNT = "Demo customer (test credentials)"
OPERATOR = "The operator"
KEY = "Demo key"


@transaction.atomic
def set_up_logins(known: Mapping[str, str]) -> dict[str, str]:
    """Make the rows that are missing and return every credential.

    What is in `known` (the last return value, if it was kept) and still valid stays; what can't be read back, because
    only its digest is stored, is made anew otherwise.
    """
    customer, customer_password = _user(CUSTOMER, known.get("CUSTOMER_PASSWORD", ""), is_staff=False)
    staff, staff_password = _user(STAFF, known.get("STAFF_PASSWORD", ""), is_staff=True)
    account, test_account = _account(ACCOUNT), _account(TEST_ACCOUNT, is_test=True)
    operator = _account(OPERATOR, is_operator=True)
    Membership.objects.get_or_create(user=customer, account=account)
    key_sid, key_secret = _key(account, known.get("API_KEY_SID", ""), known.get("API_KEY_SECRET", ""))
    return {
        "ACCOUNT_SID": account.sid,
        "AUTH_TOKEN": account.auth_token,
        "API_KEY_SID": key_sid,
        "API_KEY_SECRET": key_secret,
        "TEST_ACCOUNT_SID": test_account.sid,
        "TEST_AUTH_TOKEN": test_account.auth_token,
        "OPERATOR_SID": operator.sid,
        "OPERATOR_TOKEN": operator.auth_token,
        "STAFF_USER": staff.email,
        "STAFF_PASSWORD": staff_password,
        "CUSTOMER_USER": customer.email,
        "CUSTOMER_PASSWORD": customer_password,
    }


def _user(email: str, password: str, *, is_staff: bool) -> tuple[User, str]:
    user = User.objects.filter(email=email).first()
    if user and password and user.check_password(password):
        return user, password
    password = secrets.token_urlsafe(12)
    if user is None:
        create = User.objects.create_superuser if is_staff else User.objects.create_user
        return create(email, password), password
    user.set_password(password)
    user.save(update_fields=["password"])
    return user, password


def _account(friendly_name: str, *, is_test: bool = False, is_operator: bool = False) -> Account:
    known = Account.objects.filter(friendly_name=friendly_name, is_test=is_test, is_operator=is_operator)
    return known.order_by("pk").first() or open_account(friendly_name, is_test=is_test, is_operator=is_operator)


def _key(account: Account, sid: str, secret: str) -> tuple[str, str]:
    if sid and authenticate(sid, secret) == account:
        return sid, secret
    ApiKey.objects.filter(account=account, friendly_name=KEY).delete()  # nobody knows its secret any more
    key, secret = issue_key(account, KEY)
    return key.sid, secret
