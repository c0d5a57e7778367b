"""What the inventory refuses, as exceptions: the words are for the customer, the code is the API's business."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _


class Refused(Exception):
    """Nothing was changed; the message says why."""


class NotAvailable(Refused):
    """The number is not in our stock, not on sale, or another account's; `details` lists all when there are several."""

    def __init__(self, *numbers: object) -> None:
        self.numbers = numbers
        names = [str(number) for number in numbers]
        said = _("%(numbers)s numbers not available") % {"numbers": len(names)}
        super().__init__(_("%(number)s is not available") % {"number": names[0]} if len(names) == 1 else said)
        self.details = {"unavailable": names} if len(names) > 1 else None


class NoneInArea(Refused):
    """Nothing is on sale there that carries what is needed."""

    def __init__(self, area_code: str, needed: Sequence[str] = ()) -> None:
        carrying = f" that carry {' and '.join(needed)}" if needed else ""
        super().__init__(f"No phone numbers found in area code {area_code}{carrying}")


class AccountNotActive(Refused):
    """The account or its parent is suspended or closed."""

    def __init__(self, sid: str) -> None:
        super().__init__(_("Account %(sid)s is not active") % {"sid": sid})


class TrialLimit(Refused):
    """A trial account already holds its one number."""


class WrongType(Refused):
    """The number is not of the type that it was asked for as."""

    def __init__(self, number: object, number_type: str) -> None:
        super().__init__(f"{number} is not of type {number_type}")


class FallbackWithoutVoiceUrl(Refused):
    """A VoiceFallbackUrl needs a VoiceUrl."""


class FallbackWithoutSmsUrl(Refused):
    """An SmsFallbackUrl needs an SmsUrl."""


class NoMessaging(Refused):
    """Message settings on a number that carries no messages."""


class NoCallerIdLookup(Refused):
    """A caller's name can only be looked up where calls arrive."""


class NoFax(Refused):
    """Inbound calls can only be taken for faxes where faxes arrive."""


class NoEmergencyCalls(Refused):
    """No number may call emergency services until there is a service that sends its address along."""


class ReceiverNotActive(Refused):
    """A number may not go to an account that is suspended or closed."""


class ReceiverNotRelated(Refused):
    """Numbers move only between a parent and its subaccounts."""


class NotTheParent(Refused):
    """Only the parent account may move numbers."""


class ReservationEnded(Refused):
    """The reservation was released, used up, or has run out."""


class ReservationTooLong(Refused):
    """A hold may last two hours in all."""


class TooManyHeld(Refused):
    """The account already holds as many numbers as it may without buying."""


class HeldTooLong(Refused):
    """The account has held these numbers as long as it may without buying; `details` lists them."""

    def __init__(self, *numbers: object) -> None:
        self.numbers = numbers
        names = [str(number) for number in numbers]
        said = _("A number may be held for two hours in a day: not now %(numbers)s")
        super().__init__(said % {"numbers": ", ".join(names)})
        self.details = {"held_too_long": names}


class NotInService(Refused):
    """The DID has been released, by somebody else in this very moment or long ago."""


class Protected(Refused):
    """The customer locked the number: its protection is taken off first, by itself. `details` lists up to a hundred."""

    def __init__(self, *numbers: object) -> None:
        names = [str(number) for number in numbers]
        one = _("%(number)s is protected: take the protection off first, in a step of its own")
        several = _(
            "Several numbers are, such as %(number)s, protected: take the protection off first, in a step of its own"
        )
        super().__init__((one if len(names) == 1 else several) % {"number": names[0]})
        self.details = {"protected": names}


class LawChanged(Refused):
    """The gate let the DID pass, and a moment later its papers did not do any more."""

    def __init__(self, did: Any) -> None:
        super().__init__(_("What is asked for the number has changed in this moment: try again"))
        self.did = did


class NotAFeed(Refused):
    """A feed of traffic has no name, or calls itself what a feed of ours is called; or it is a file without columns."""


class AlreadyDecided(Refused):
    """A restock proposal was decided, or overtaken by a later night."""


class NotSoMany(Refused):
    """A restock proposal can be capped to less than it proposes, in whole lots."""


class BudgetMissing(Refused):
    """A restock proposal whose cost is not known can be approved only up to a cost that staff name."""


class SkuSwitchedOff(Refused):
    """Nothing is sold ahead of a shelf that is not kept any more."""


class FirmOrderClosed(Refused):
    """All of it was delivered, or staff were quicker."""


class NothingToAccept(Refused):
    """A suite proved nothing of what the number is declared to do."""


class TooManyWaiting(Refused):
    """The account waits for as much as it may."""


class NobodysCountry(Refused):
    """No numbering plan has numbers of this country."""

    def __init__(self, country: str) -> None:
        said = _("Invalid parameter IsoCountry: there are no telephone numbers of %(country)s")
        super().__init__(said % {"country": country})


class NobodysAreaCode(Refused):
    """No number of this country and type carries it."""

    def __init__(self, country: str, area_code: str) -> None:
        said = _("Invalid area code %(area_code)s: no such number of %(country)s carries it")
        super().__init__(said % {"area_code": area_code, "country": country})


class RunIsNotHeld(Refused):
    """A reading of a provider's catalogue that waits for nobody's decision, or not any more."""

    def __init__(self, run: object) -> None:
        super().__init__(f"The run ({run}) is not held")


class StopIsLifted(Refused):
    """Somebody, or the score, was quicker."""

    def __init__(self, stop: object) -> None:
        super().__init__(f"The stop ({stop}) is lifted already")


class StayEnded(Refused):
    """A person's word counts for a stay in quarantine that is open."""

    def __init__(self, number: object) -> None:
        super().__init__(f"{number} is not in quarantine any more")


class AlreadySaid(Refused):
    """Two words on one stay would leave open which one counts."""

    def __init__(self, said: object, actor: str) -> None:
        super().__init__(f"There is a {said} already, by {actor}: withdraw it first")


class NotAhead(Refused):
    """A day or time up to which something shall count is past, or too far ahead."""


class NotYet(Refused):
    """A time since which something is so is still to come."""


class NotInForce(Refused):
    """It was withdrawn, or has run out, before."""


class TooLateToReport(Refused):
    """Unwanted traffic is reported in the first 30 days; what comes later is the owner's own."""


class NotItsDay(Refused):
    """Unwanted traffic that began before the number was bought, or in the future."""


class NotARelief(Refused):
    """It would raise nothing, too much, or for too long."""


class NotToBeBegun(Refused):
    """A bulk run is no longer what the person saw, or is somebody else's to begin."""


class OwnRun(Refused):
    """Who asked for a mass release can't be who approves it."""

    def __init__(self) -> None:
        super().__init__("You asked for it yourself: somebody else must decide")


class NotUndoable(Refused):
    """A bulk run has no way back, is not over, or was undone already."""
