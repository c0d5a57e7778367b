"""`manage.py export_person IT… > person.zip`: everything about an end user, for them."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.models import EndUser
from compliance.services import export


class Command(BaseCommand):
    help = "Write everything about an end user to standard output, as a ZIP. Nothing of it is stored on the way."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sid", help="IT…")

    def handle(self, *_args: Any, sid: str, **_options: Any) -> None:
        end_user = EndUser.objects.filter(sid=sid).select_related("account").first()
        if end_user is None:
            raise CommandError(f"There is no {sid}")
        if sys.stdout.isatty():
            raise CommandError("A ZIP is not for a screen: send it somewhere, such as `| age -r … > person.zip.age`")
        for piece in export.stream(end_user):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
