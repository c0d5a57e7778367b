"""When the lab listened: what says that silence on the line of an idle number was silence."""

from django.db import models
from django.db.models import Q

WHOLE_HOUR = 2**60 - 1


class ListeningHour(models.Model):
    """One hour of UTC. Bit n of `minutes` is set if in its minute n some daemon had both doors open, calls and
    messages: the first trunk that answers, and the bind to the SMSC."""

    hour = models.DateTimeField(unique=True)
    minutes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=0, minutes__lte=WHOLE_HOUR), name="listening_hour_has_sixty_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} h: {self.minutes.bit_count()} minutes"
