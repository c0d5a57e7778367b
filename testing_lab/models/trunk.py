"""The trunks over which the lab calls: where they are, what their owners allow, how they are. And who uses them now."""

import ipaddress
import re
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.encryption import EncryptedText

FIRST = "first"
"""The name of the trunk that a first start makes; its address is LAB_TRUNK_ADDRESS."""


def known_time_zone(name: str) -> None:
    """Raises ValidationError for a name that is not in the time zone database."""
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone, as Europe/Berlin is")


def host_and_port(address: str) -> None:
    """Raises ValidationError for what is neither `192.0.2.7:5060` nor `sip.carrier.example:5060`."""
    host, _, port = address.rpartition(":")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 2**16:
        raise ValidationError("Give the port too, from 1 to 65535: 192.0.2.7:5060.")
    if not (_is_ipv4(host) if re.fullmatch(r"[0-9.]+", host) else _NAME.fullmatch(host)):
        raise ValidationError(f"“{host}” is neither an IPv4 address nor the name of a host.")


_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")


def _is_ipv4(host: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(host))
    except ValueError:
        return False


class Trunk(models.Model):
    """One route to the world. What its owner allows is counted over all daemons: see `trunks.seats`."""

    name = models.CharField(max_length=40, unique=True)
    address = models.CharField(
        max_length=80,
        blank=True,
        validators=[host_and_port],
        help_text="host:port (UDP); empty: LAB_TRUNK_ADDRESS.",
    )
    preference = models.PositiveSmallIntegerField(
        unique=True, help_text="The least is the first route; calls go over the next when it is down or refuses."
    )
    active = models.BooleanField(default=True)
    username = models.CharField(max_length=80, blank=True, help_text="For digest authentication; empty: none.")
    password = EncryptedText(null=True, blank=True)
    calls_per_second = models.FloatField(default=10.0, validators=[MinValueValidator(0.01)])
    most_calls = models.PositiveSmallIntegerField(
        default=100,
        validators=[MinValueValidator(2, "A suite has two calls up: a trunk of fewer is of no use to the lab.")],
        help_text="Calls that may be up at once.",
    )
    messages_per_second = models.FloatField(
        default=10.0, validators=[MinValueValidator(0.01)], help_text="Of the first route: how fast messages are sent."
    )
    quiet_from = models.TimeField(null=True, blank=True, help_text="No call or message of the lab begins from then on,")
    quiet_until = models.TimeField(null=True, blank=True, help_text="until then, by the clocks of the time zone.")
    time_zone = models.CharField(max_length=40, default="UTC", validators=[known_time_zone])
    options_interval = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
        help_text="Seconds from one OPTIONS to the next.",
    )
    # What is seen of it: written by the daemons.
    is_up = models.BooleanField(null=True, editable=False)
    state_since = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    asked_by = models.CharField(max_length=80, blank=True, editable=False, help_text="The daemon that asked last.")
    heard_at = models.DateTimeField(null=True, editable=False)
    trouble = models.CharField(max_length=200, blank=True, editable=False, help_text="Why it is down.")
    # The token buckets: when the next call and the next message may begin.
    next_call_at = models.DateTimeField(null=True, editable=False)
    next_message_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["preference"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    calls_per_second__gt=0, messages_per_second__gt=0, most_calls__gte=2, options_interval__gt=0
                ),
                name="trunk_limits_positive",
            ),
            models.CheckConstraint(
                condition=Q(username="", password__isnull=True) | (~Q(username="") & Q(password__isnull=False)),
                name="trunk_username_iff_password",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="trunk_quiet_hours_whole",
            ),
            # Credentials are known by the address that they are for.
            models.UniqueConstraint(
                fields=["address"], condition=Q(active=True), name="trunk_one_in_use_at_an_address"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """A call over a trunk, from before its INVITE until it is over; without `taken_at`, one that waits for its turn.

    The oldest that waits is next, whichever daemon it is of. What a dead daemon held is free when the lease runs out.
    """

    trunk = models.ForeignKey(Trunk, models.CASCADE, related_name="seats")
    daemon = models.CharField(max_length=80)
    taken_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"seat {self.pk} of {self.daemon}"
