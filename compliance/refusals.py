"""What the compliance room refuses, as exceptions; the code is the API's business.

The messages are read by customers: they say what to do, and name nobody.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the children that read hostile files refuse too, and load no Django
    from compliance.lifecycle import BundleState


def _(message: str) -> str:
    from django.utils.translation import gettext  # noqa: PLC0415 - not where the children read this file

    return gettext(message)


class Refused(Exception):
    """Nothing was changed; the message says why. Where it names states of bundles, it has a `{}` for each."""

    def __init__(self, message: str = "", *states: "BundleState") -> None:
        self.message, self.states = message, states
        super().__init__(self.said({state: _(state.label) for state in states}))

    def said(self, spelled: Mapping[str, str]) -> str:
        """The message to somebody who knows the states by other names."""
        return self.message.format(*(spelled[state] for state in self.states)) if self.states else self.message


class OwnDocument(Refused):
    """Whoever acts for an account does not judge its papers."""

    def __init__(self) -> None:
        super().__init__("You act for the account that this belongs to: somebody else has to look at it")


class NoLiveGrant(Refused):
    """The leave to open the document has run out, or is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no live grant for this document: open it again, with a reason")


class NothingToOpen(Refused):
    """The document has no file, or was erased."""

    def __init__(self, sid: str) -> None:
        super().__init__(f"{sid} has no file, or it was erased")


class CantBeMarked(Refused):
    """The file can't carry a watermark, so it is not shown."""

    def __init__(self) -> None:
        super().__init__("The file can't be marked with who looks at it, so it is not shown")


class StillNeeded(Refused):
    """Numbers hang on it."""

    def __init__(self, sid: str, numbers: int) -> None:
        super().__init__(
            _(
                "%(sid)s can't be erased: numbers that are in service or may be reclaimed (%(numbers)s) hang on it, "
                "and the law asks who holds them (GDPR article 17(3)(b)). Release them first"
            )
            % {"sid": sid, "numbers": numbers}
        )


class UnderLegalHold(Refused):
    """A claim, a court or an authority needs it."""

    def __init__(self, sid: str) -> None:
        super().__init__(
            _("%(sid)s can't be erased: it is kept for legal claims (GDPR article 17(3)(e))") % {"sid": sid}
        )


class PartOfABundle(Refused):
    """A bundle that is being reviewed or was approved rests on it."""

    def __init__(self, sid: str) -> None:
        super().__init__(
            _("%(sid)s is part of a bundle that is being reviewed or was approved: erase its end user instead")
            % {"sid": sid}
        )


class ReasonTellsTooMuch(Refused):
    """The reason of an erasure is kept for good, so it must not repeat what is erased."""

    def __init__(self) -> None:
        super().__init__(_("The reason repeats what is to be erased: give a case number, no names"))


class ErasureFailed(Exception):
    """Something could still be read: nothing was erased. A bug, or a storage that does not do as it says."""


class NothingAsked(Refused):
    """There is no regulation for this combination: nobody is asked for papers, or nobody knows such numbers."""

    def __init__(self, asked: object) -> None:
        super().__init__(
            _("No regulation is in force for %(asked)s: no bundle is needed, or no such numbers are known")
            % {"asked": asked}
        )


class NotCompliant(Refused):
    """The bundle lacks something. `results`: of the evaluation; `twilio_code`: of its first fault, if there is one."""

    def __init__(self, message: str, twilio_code: int | None, results: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.twilio_code, self.results = twilio_code, results


class BeingReviewed(Refused):
    """A bundle on its way through review is not deleted."""


class HoldsNumbers(Refused):
    """Numbers in service hang on the bundle."""


class ItemsFrozen(Refused):
    """The items of a bundle that is being reviewed or was approved stay."""


class AlreadyAssigned(Refused):
    """The paper is in the bundle already, or another end user is."""


class TooManyItems(Refused):
    """No regulation asks for so many papers."""


class NoSuchItem(Refused):
    """The object is not one of this account's."""


class NotAnItem(Refused):
    """Only end users and supporting documents go into bundles."""


class NoSuchRequirement(Refused):
    """The regulation has no requirement of that name for a paper."""


class OtherCountry(Refused):
    """The number belongs to another country than the regulation."""


class NotCopyable(Refused):
    """Only what was approved and will run out is copied."""


class NotReplaceable(Refused):
    """The items of a bundle are replaced by those of an approved copy of it, and of nothing else."""


class ItsOwnSource(Refused):
    """A bundle does not replace its items by its own."""


class OutdatedSource(Refused):
    """The copy was approved under rules that are no longer in force."""


class OtherAddress(Refused):
    """The copy refers to another address than the bundle that numbers hang on."""


class NotCloneable(Refused):
    """Only approved bundles are cloned."""


class CloneNotByParent(Refused):
    """Only the parent account clones bundles among its own."""


class CloneTargetUnknown(Refused):
    """The account that shall have the clone is neither the caller nor one of its subaccounts."""


class CloneTargetInactive(Refused):
    """The account that shall have the clone is suspended or closed."""


class UnacceptableFile(Refused):
    """The upload is not a sound PDF, JPEG or PNG of an honest size; the message tells the customer what to change."""


class UnreadableUpload(Refused):
    """The form that should bring the file is not one, or brings more than one file."""


class InfectedFile(Refused):
    """The malware scanner knows this file."""


class ScannerUnavailable(Refused):
    """The upload could not be examined now. Nothing is kept; the same upload may do later."""


class VaultUnavailable(Refused):
    """The storage of documents does not answer. Nothing is kept; the same request may do later."""


class DamagedFile(Refused):
    """What is in the storage is not what was put there, or is gone: no part of it is handed out."""


class ErasedFile(Refused):
    """The document was forgotten for good."""


class Deleted(Refused):
    """Somebody deleted it while this was under way."""


class Frozen(Refused):
    """A reviewer has it, or judged by it. It changes once its bundle is a draft again, or in a copy."""

    def __init__(self, sid: str) -> None:
        super().__init__(
            _("%(sid)s is part of a bundle that is being reviewed or was approved: it stays as it is") % {"sid": sid}
        )


class AddressFrozen(Refused):
    """A paper that was verified, or is being verified, shows this address."""

    def __init__(self, sid: str) -> None:
        super().__init__(
            _("Address %(sid)s is on a document that was verified or is being reviewed: it stays as it is")
            % {"sid": sid}
        )


class AddressInUse(Refused):
    """Something refers to the address; `details`: the SIDs of the documents that do."""

    def __init__(self, message: str, document_sids: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = {"document_sids": list(document_sids)} if document_sids else None


class BadAddress(Refused):
    """The address can't be what it says: something about it, other than its form, contradicts itself."""


class AddressNotValidated(Refused):
    """The address is not written as its country writes them. `details`: each part that is at fault, and why."""

    def __init__(self, failures: list[dict[str, str]]) -> None:
        super().__init__(" ".join(failure["message"] for failure in failures))
        self.details = {"failures": failures}


class AddressSuggested(Refused):
    """The address would do with a small correction, and the customer wants none made. `details`: the correction."""

    def __init__(self, suggestion: dict[str, str]) -> None:
        super().__init__(
            _("The address can be validated as it stands in `suggestion`: send that, or let us correct it")
        )
        self.details = {"suggestion": suggestion}


class EndUserAssigned(Refused):
    """The end user is in a bundle."""


class DocumentAssigned(Refused):
    """The document is in a bundle."""


class DocumentInReview(Refused):
    """The document is in a bundle that waits for a reviewer, or has one."""


class ReviewRefused(Refused):
    """What a reviewer may not do, or not now. Staff reads these messages, no customer does."""


class OwnBundle(ReviewRefused):
    """Nobody reviews the bundles of an account that they belong to."""


class ClaimedByAnother(ReviewRefused):
    """Another reviewer has the bundle."""


class NotClaimed(ReviewRefused):
    """Only who has claimed a bundle works on it."""


class DecisionHeld(ReviewRefused):
    """The bundle is decided; the decision takes effect in some seconds, or is taken back first."""


class NothingHeld(ReviewRefused):
    """There is no decision to take back, or it was another reviewer's."""


class NothingWaits(ReviewRefused):
    """No bundle is there to be claimed."""


class NotOfThisBundle(ReviewRefused):
    """The item is not, or no longer, in the bundle."""


class NoSuchReason(ReviewRefused):
    """An item is rejected for one of the catalogue's reasons, of stage review or evaluation."""


class NotAllJudged(ReviewRefused):
    """A decision needs a verdict on every item as it now is."""


class NoLongerCompliant(ReviewRefused):
    """The evaluation finds something now: it can't be approved."""


class ReasonNeeded(ReviewRefused):
    """Such a decision is the operator's own, and needs their reason."""


class SecondPersonNeeded(ReviewRefused):
    """Who approved first is not who confirms."""


class OwnRequest(Refused):
    """Who asks to open a paper is not who lets them."""

    def __init__(self) -> None:
        super().__init__("You asked for it yourself: somebody else must decide")


class AlreadyDecided(Refused):
    """Somebody was quicker."""

    def __init__(self) -> None:
        super().__init__("Somebody has decided it already")


class WaitsForSecondPerson(Refused):
    """The policy wants two people for a look outside a review."""

    def __init__(self) -> None:
        super().__init__(
            "Outside a review a second person must let you open it. They are asked now: once they have let you, open "
            "it again for the same reason"
        )
