"""End users: create, change, delete. The same verbs for the API, the portal and the console."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance.models import EndUser
from compliance.refusals import EndUserAssigned, Frozen
from compliance.services.freezing import locked, refused_as


def create(*, account: Account, type: str, friendly_name: str, attributes: dict[str, Any]) -> EndUser:
    """A new end user of the account. `type`: individual or business."""
    return EndUser.objects.create(account=account, type=type, friendly_name=friendly_name, attributes=attributes)


def change(*, end_user: EndUser, friendly_name: str | None = None, attributes: dict[str, Any] | None = None) -> EndUser:
    """Rename it, or put these attributes in the place of its own. Raises Frozen, Deleted."""
    with refused_as(Frozen(end_user.sid)):
        now = locked(end_user)
        if friendly_name is not None:
            now.friendly_name = friendly_name
        if attributes is not None and attributes != now.attributes:
            now.attributes, now.revision = attributes, now.revision + 1
        now.updated_at = timezone.now()
        now.save(update_fields=["friendly_name", "attributes", "revision", "updated_at"])
    return now


def delete(*, end_user: EndUser) -> None:
    """Delete it for its customer; the row stays until its retention is over. Raises EndUserAssigned, Deleted."""
    with refused_as(Frozen(end_user.sid)):
        now = locked(end_user)
        if now.assignments.filter(ended_at=None, bundle__deleted_at=None).exists():
            raise EndUserAssigned(
                _("End user %(sid)s is assigned to a bundle: take it out, or delete the bundle, first")
                % {"sid": now.sid}
            )
        now.deleted_at = timezone.now()
        now.save(update_fields=["deleted_at"])
