"""`manage.py erase_person IT… --reason "case 17"`: erase an end user with all that is only theirs; prints the proof."""

import getpass
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.models import EndUser
from compliance.refusals import Refused
from compliance.services import erasure


class Command(BaseCommand):
    help = "Erase an end user, their papers, files and addresses, and end their bundles. It can't be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sid", help="IT…")
        parser.add_argument("--reason", required=True, help="kept for good: a case number, no names")

    def handle(self, *_args: Any, sid: str, reason: str, **_options: Any) -> None:
        end_user = EndUser.objects.filter(sid=sid).select_related("account").first()
        if end_user is None:
            raise CommandError(f"There is no {sid}")
        try:
            proof = erasure.erase(end_user, actor=f"command:{getpass.getuser()}", reason=reason)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(json.dumps({"erased": proof.items, "kept": proof.kept, "at": proof.at.isoformat()}, indent=1))
