"""What the customers' own papers have in common: an account, and a day on which they were deleted."""

from typing import Self, TypeVar

from django.db import models

from accounts.models import Account

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[Row_co]):
    """Rows of one account; a foreign SID and an unknown one are the same miss."""

    def of(self, account: Account) -> Self:
        """What the account has and did not delete."""
        return self.filter(account=account, deleted_at=None)
