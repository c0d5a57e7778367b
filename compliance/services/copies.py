"""Copies: an approved bundle whose rules have changed, or a paper of which expires, once more as a draft: it is mended
while numbers hang on the original."""

from django.db import transaction
from django.utils.translation import gettext as _

from compliance.lifecycle import BundleState
from compliance.models import Bundle
from compliance.refusals import NotCopyable
from compliance.services import duplicates, expiring_papers, transition


def copy(bundle: Bundle, *, friendly_name: str = "", actor: str) -> Bundle:
    """A draft with the same content in items of its own, whose papers are judged anew; the original stays as it is.

    Raises NotCopyable unless the bundle is approved and will run out, or its customer was told that one of its papers
    does; Bundle.DoesNotExist.
    """
    with transaction.atomic():
        source = transition.locked(bundle)
        if source.state != BundleState.APPROVED or not _runs_out(source):
            said = _("%(sid)s is not {} with a day on which that runs out") % {"sid": source.sid}
            raise NotCopyable(said, BundleState.APPROVED)
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


def _runs_out(bundle: Bundle) -> bool:
    return bundle.valid_until is not None or expiring_papers.told().filter(bundle=bundle).exists()
