"""A person who signs in to the pages. The API knows accounts, never users."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models, transaction
from django.db.models.functions import Lower


class EmailUserManager(UserManager["User"]):
    """People sign in by e-mail address; there is no user name to invent.

    Whom we make ourselves (staff, a command, the demonstration) is vouched for: the address counts as verified. Who
    signs up is not made here, and proves it (`portal.entrance`).
    """

    def _create_user(self, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            user.vouch_for_address()
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]  # no username
        """A customer's user; a membership says which account it acts for."""
        return self._create_user(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]  # no username
        """A member of staff with every permission."""
        return self._create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractUser):
    """Staff have `is_staff`; customers act through their memberships."""

    username = None  # type: ignore[assignment]  # AbstractUser declares one; we sign in by e-mail
    email = models.EmailField(unique=True)
    account_name = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Of the account to be opened when the address is verified."
    )
    language = models.CharField(
        max_length=10, blank=True, db_default="", help_text="Of letters: what the pages spoke last; blank: English."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[EmailUserManager] = EmailUserManager()

    class Meta(AbstractUser.Meta):
        abstract = False
        verbose_name, verbose_name_plural = "person", "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_the_case")]

    def __str__(self) -> str:
        return self.email

    def vouch_for_address(self) -> None:
        """Somebody who may do so says that the address is this person's, who need not prove it."""
        email = self.email.lower()
        EmailAddress.objects.update_or_create(user=self, email=email, defaults={"verified": True, "primary": True})
