"""A second auth token of an account, for the time in which its programs change from one to the other."""

from django.db import models

from accounts.encryption import EncryptedText
from accounts.models.account import Account


class SecondaryToken(models.Model):
    """While it is there it signs requests as the first one does. Promoted, it is the first, and the row goes.

    Twilio's story (https://www.twilio.com/docs/iam/api/authtoken): callbacks are signed with the first one throughout.
    """

    account = models.OneToOneField(Account, models.CASCADE, related_name="secondary_token")
    digest = models.BinaryField(max_length=32, editable=False)
    token = EncryptedText(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"second token of {self.account}"
