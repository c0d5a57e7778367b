"""What commands take as options."""

from argparse import ArgumentTypeError
from datetime import date


def day(text: str) -> date:
    """A day of the command line. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day: DAY is a date such as 2026-11-21") from None


def counted(count: int, name: str) -> str:
    """So many of them: "1 stay", "2 stays"."""
    return f"{count} {name}{'' if count == 1 else 's'}"
