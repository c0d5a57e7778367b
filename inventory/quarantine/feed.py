"""Traffic as it was told, brought down to contacts a day (design A1). Pure.

A *contact* is one distinct (channel, caller) on one UTC day. What is read:

- a day of a number: `number`, `day`, `voice`, `sms`, `otp`, `distinct_callers`, `observed`;
- an event: `to` (or `number`), `at`, `channel`, `from` (or `caller`), `otp`, `id`, `test`, `receipt`;
- a day of the feed, for all numbers: `day`, `observed`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from inventory.quarantine import fields
from inventory.quarantine.fields import BadRecord, Record
from inventory.quarantine.history import Days, Watch
from inventory.traffic.callers import WITHHELD_A_DAY, spelt

CHANNELS = frozenset(("voice", "sms"))
RECEIPTS = frozenset(("receipt", "delivery_receipt", "dlr"))

_Key = tuple[str, int]  # number, day


class Feed:
    """Collects records in any order; what is told twice counts once."""

    def __init__(self) -> None:
        self._told: dict[_Key, tuple[int, int, int, int, bool]] = {}
        self._contacts: dict[_Key, dict[tuple[str, Any], bool]] = {}  # (channel, caller): a one-time code came
        self._days: dict[int, bool] = {}
        self._heard = self._silence_is_told = False

    def read(self, what: str, records: Iterable[Record]) -> "Feed":
        """Take in every record. Raises BadRecord."""
        for place, record in fields.each(what, records):
            try:
                self._take(record)
            except BadRecord as error:
                raise BadRecord(place, str(error)) from None
        return self

    def watch(self) -> Watch:
        """What a day without a record means.

        Where the records tell of observed days, of a number on which nothing came or of the whole feed, a day that they
        don't tell of was not observed. Where they only tell of contacts and of gaps, it was; and without any record
        nobody listened.
        """
        return Watch(self._heard and not self._silence_is_told and not any(self._days.values()), self._days)

    def last_day(self) -> int:
        """The last day of which there is a record; 0 without any."""
        return max((day for _, day in self._told.keys() | self._contacts.keys()), default=max(self._days, default=0))

    @property
    def is_explicit(self) -> bool:
        """Whether the records tell of observed days on which nothing came."""
        return self._silence_is_told

    def days(self, stays_of: Mapping[str, Sequence[int]]) -> Days:
        """The rows of each stay, as told of its own days; `stays_of` has the stays (their indices) of each number."""
        rows = [
            (stay, key[1], *self._day(key))
            for key in self._told.keys() | self._contacts.keys()
            for stay in stays_of.get(key[0], ())
        ]
        table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 7)
        stay, day, voice, sms, otp, callers, observed = table.T
        return Days(stay, day, voice, sms, otp, callers, observed.astype(np.bool_))

    def _take(self, record: Record) -> None:
        if "channel" in record or "at" in record:
            return self._event(record)
        day = fields.day(record, "day")
        if day is None:
            raise BadRecord("day", "the day, such as 2026-11-21; or `at` and `channel` of an event")
        if record.get("number") is None and record.get("to") is None:
            return self._feed_day(record, day)
        return self._daily(record, day)

    def _feed_day(self, record: Record, day: date) -> None:
        if "observed" not in record:
            raise BadRecord("number", "a number; or `observed`, for a day of the whole feed")
        # Told twice and differently, it was not healthy all day.
        self._days[day.toordinal()] = fields.flag(record, "observed", default=True) and self._days.get(
            day.toordinal(), True
        )

    def _daily(self, record: Record, day: date) -> None:
        """Of a day that is told twice the larger counts are taken; it was observed only if both say so."""
        key = (fields.number(record, "number", "to"), day.toordinal())
        voice, sms, otp = (fields.count(record, name) or 0 for name in ("voice", "sms", "otp"))
        callers = fields.count(record, "distinct_callers", voice + sms) or 0
        observed = fields.flag(record, "observed", default=True)
        before = self._told.get(key, (0, 0, 0, 0, True))
        self._told[key] = (
            max(before[0], voice),
            max(before[1], sms),
            max(before[2], otp),
            max(before[3], callers),
            before[4] and observed,
        )
        self._heard = True
        if observed and "observed" in record and not voice + sms + otp:
            self._silence_is_told = True

    def _event(self, record: Record) -> None:
        number, channel = fields.number(record, "to", "number"), fields.text(record, "channel", "voice").lower()
        day = fields.day(record, "at" if record.get("at") is not None else "day")
        if day is None:
            raise BadRecord("at", "a time such as 2026-11-21T09:30:00Z")
        self._heard = True
        if any(fields.flag(record, name, default=False) for name in ("test", "is_test", "receipt")):
            return
        if channel in RECEIPTS:
            return
        if channel not in CHANNELS:
            raise BadRecord("channel", "voice or sms")
        contacts = self._contacts.setdefault((number, day.toordinal()), {})
        contact = (channel, _caller(record))
        code = fields.flag(record, "otp", default=False)
        contacts[contact] = contacts.get(contact, False) or code

    def _day(self, key: _Key) -> tuple[int, int, int, int, bool]:
        """What was told of the day, or what its events come to where that is more: who heard them listened."""
        told = self._told.get(key, (0, 0, 0, 0, True))
        voice, sms, otp, callers = _counted(self._contacts[key]) if key in self._contacts else (0, 0, 0, 0)
        return max(voice, told[0]), max(sms, told[1]), max(otp, told[2]), max(callers, told[3]), told[4]


def _caller(record: Record) -> str | tuple[str, str]:
    """Who called; who withholds the number is each time another one, told apart by the event's id or time."""
    caller = spelt(fields.text(record, "from") or fields.text(record, "caller"))
    return caller or ("", str(record.get("id") or record.get("event_id") or record.get("at") or ""))


def _counted(contacts: Mapping[tuple[str, Any], bool]) -> tuple[int, int, int, int]:
    """Voice, SMS, one-time codes, distinct callers; at most 3 of those that withhold their number, calls first."""
    known = Counter(channel for channel, caller in contacts if isinstance(caller, str))
    withheld = Counter(channel for channel, caller in contacts if not isinstance(caller, str))
    calls = min(withheld["voice"], WITHHELD_A_DAY)
    messages = min(withheld["sms"], WITHHELD_A_DAY - calls)
    callers = len({caller for _, caller in contacts if isinstance(caller, str)})
    sms = known["sms"] + messages
    codes = sum(code for (channel, _), code in contacts.items() if channel == "sms")
    return known["voice"] + calls, sms, min(codes, sms), callers + calls + messages
