"""Copies: an approved bundle whose rules have changed, once more as a draft, to be mended while numbers hang on it."""

from django.db import transaction

from compliance.lifecycle import BundleState
from compliance.models import Bundle
from compliance.refusals import NotCopyable
from compliance.services import duplicates, transition


def copy(bundle: Bundle, *, friendly_name: str = "", actor: str) -> Bundle:
    """A draft with the same content in items of its own, whose papers are judged anew; the original stays as it is.

    Raises NotCopyable unless the bundle is approved and will run out, Bundle.DoesNotExist.
    """
    with transaction.atomic():
        source = transition.locked(bundle)
        if source.state != BundleState.APPROVED or source.valid_until is None:
            raise NotCopyable(f"{source.sid} is not {{}} with a day on which that runs out", BundleState.APPROVED)
        draft = Bundle.objects.create(
            account=source.account,
            regulation=source.regulation,
            friendly_name=friendly_name or source.friendly_name,
            email=source.email,
            status_callback=source.status_callback,
            copied_from=source,
        )
        transition.record_birth(draft, actor=actor)
        duplicates.fill(draft, source)
    return Bundle.objects.select_related("regulation", "account").get(pk=draft.pk)
