"""`manage.py open_account NAME`: a new customer; the credentials are printed, as lines that a shell can read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import Account
from accounts.services.credentials import open_account
from accounts.services.memberships import admit


class Command(BaseCommand):
    help = "Open an account and print its SID and auth token. Staff suspend, reactivate and upgrade it in the console."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="1 to 64 characters")
        parser.add_argument("--trial", action="store_true", help="may hold one number, until staff upgrade it")
        parser.add_argument("--test", action="store_true", help="test credentials: magic numbers only")
        parser.add_argument("--operator", action="store_true", help="ours: feeds in traffic, asks about any number")
        parser.add_argument("--member", metavar="EMAIL", help="who may act for it in the portal; opened when unknown")

    @transaction.atomic
    def handle(self, *_args: Any, name: str, member: str | None, **options: Any) -> None:
        try:
            Account._meta.get_field("friendly_name").clean(name, None)
            if member:
                validate_email(member)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        kinds = {f"is_{kind}": options[kind] for kind in ("trial", "test", "operator")}
        if kinds["is_operator"] and sum(kinds.values()) > 1:
            raise CommandError("--operator goes with neither --trial nor --test")
        account = open_account(name, **kinds)
        self.stdout.write(f"ACCOUNT_SID={account.sid}\nAUTH_TOKEN={account.auth_token}")
        if member and (password := admit(account=account, email=member)):
            self.stdout.write(f"CUSTOMER_USER={member}\nCUSTOMER_PASSWORD={password}")
