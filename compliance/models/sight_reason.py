"""Why somebody of the staff looks at what a customer gave."""

from django.db import models


class SightReason(models.TextChoices):
    """Why somebody of the staff looks at what a customer gave."""

    REVIEW = "review", "to review the bundle"
    CUSTOMER = "customer", "the customer asked about it"
    PERSON = "person", "the person asked for their data"
    AUTHORITY = "authority", "an authority asked, and may"
    INCIDENT = "incident", "to clear up an incident"
