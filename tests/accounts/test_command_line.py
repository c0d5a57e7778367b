"""Options of commands that are days, and how many of something they tell."""

import pytest
from django.core.management import CommandError, call_command

from accounts.command_line import counted

COMMANDS = [
    ["quarantine_decide", "--numbers=-", "--events=-", "--out=-", "--as-of=soon"],
    ["quarantine_night", "--as-of=soon"],
    ["restock_decide", "--skus=-", "--out=-", "--day=soon"],
    ["restock_night", "--as-of=soon"],
    ["filing", "make", "nruf", "--last-day=soon"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_what_is_no_day_is_told_in_words(command: list[str]) -> None:
    with pytest.raises(CommandError, match="“soon” is no day: DAY is a date such as 2026-11-21"):
        call_command(*command)


def test_one_is_not_told_as_many() -> None:
    assert [counted(count, "stay") for count in (0, 1, 2)] == ["0 stays", "1 stay", "2 stays"]
