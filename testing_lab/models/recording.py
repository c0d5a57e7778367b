"""The audio that arrived at one end of a call of which a test failed or stayed inconclusive."""

from django.db import models
from django.db.models import Q

from testing_lab.models.evidence import Evidence


class Recording(models.Model):
    """A WAV file in the storage `lab_evidence`, under `key`; `sha256` and `size` (octets) are those of the file."""

    evidence = models.ForeignKey(Evidence, models.CASCADE, related_name="recordings", db_index=False)
    round = models.PositiveSmallIntegerField(help_text="From 1: a failure of a sampled quantity is confirmed twice.")
    direction = models.CharField(max_length=16, help_text="to_number, to_caller, …: where it was heard.")
    key = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evidence", "round", "direction"], name="recording_once_per_direction"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="recording_sha256_shape"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} of {self.evidence.exchange}, round {self.round}"
