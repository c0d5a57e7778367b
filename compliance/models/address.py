"""An address (`AD…`) of a customer or of a customer's end user. Personal data, so its parts are ciphertext."""

from functools import partial
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import BlindIndex, EncryptedText
from accounts.models import Account
from compliance.models.frozen import frozen_in_bundles
from compliance.models.owned import OwnedQuerySet
from numbering.sids import new_sid


class AddressQuerySet(OwnedQuerySet["Address"]):
    """Addresses by what is encrypted."""

    def named(self, column: str, text: str) -> "AddressQuerySet":
        """Those whose `customer_name` or `friendly_name` is exactly the text."""
        index: Any = self.model._meta.get_field(f"{column}_index")
        return self.filter(**{f"{column}_index__in": index.values_of(text)})


class Address(models.Model):
    """`validated`: its country's format was checked and kept. `verified`: a reviewer saw it on an approved paper."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "AD"), editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="addresses", db_index=False)
    friendly_name = EncryptedText(blank=True)
    friendly_name_index = BlindIndex(of="friendly_name")
    customer_name = EncryptedText()
    customer_name_index = BlindIndex(of="customer_name")
    street = EncryptedText()
    street_secondary = EncryptedText(blank=True)
    city = EncryptedText()
    region = EncryptedText(blank=True)
    postal_code = EncryptedText(blank=True)
    iso_country = models.CharField(max_length=2)
    revision = models.PositiveIntegerField(default=1)
    emergency_enabled = models.BooleanField(default=False)
    validated = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^AD[0-9a-f]{32}$"), name="address_sid_shape"),
            models.CheckConstraint(condition=Q(iso_country__regex=r"^[A-Z]{2}$"), name="address_country_is_alpha2"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(deleted_at__isnull=False), name="address_erased_is_deleted"
            ),
        ]
        indexes = [
            # GET …/Addresses.json: newest first, keyset by id
            models.Index(fields=["account", "-id"], name="address_of_account", condition=Q(deleted_at__isnull=True)),
            # its filters by name
            models.Index(fields=["account", "customer_name_index"], name="address_by_customer"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="identity_stays", fields=["id", "sid", "account", "iso_country"]),
            frozen_in_bundles(
                "document_id",
                "ANY (SELECT supportingdocument_id FROM compliance_supportingdocument_addresses"
                " WHERE address_id = NEW.id)",
            ),
        ]

    def __str__(self) -> str:
        return self.sid
