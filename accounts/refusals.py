"""What the accounts room refuses, as exceptions; the code is the API's business."""


class Refused(Exception):
    """Nothing was changed; the message says why."""


class ParentSuspended(Refused):
    """A subaccount can't be active under a parent that is not."""


class ParentStatus(Refused):
    """Only subaccounts change their status this way."""


class AccountClosed(Refused):
    """Closed is for good."""


class OperatorSuspended(Refused):
    """What the operator suspended, only the operator reactivates."""


class NotAParent(Refused):
    """Subaccounts are one level deep."""


class TooManySubaccounts(Refused):
    """The parent has as many as it may."""


class LastOwner(Refused):
    """Somebody must be able to decide about the team and the keys."""


class AlreadyAMember(Refused):
    """Who is in the team is not invited again."""


class TooManyInvitations(Refused):
    """The account has as many waiting as it may."""


class InvitationGone(Refused):
    """The link helps no more, or is none of ours."""


class SomebodyElses(Refused):
    """An invitation is for one address."""


class NoSecondaryToken(Refused):
    """Only a second token can be promoted."""


class OwnRoles(Refused):
    """Nobody raises themselves, nor falls by mistake."""

    def __init__(self) -> None:
        super().__init__("Nobody changes their own roles: somebody else must")


class NotTheirsToGive(Refused):
    """A lead gives the roles below a lead's; a superuser's rights are given at the command line."""

    def __init__(self) -> None:
        super().__init__("These roles are not yours to give or take")


class LastAdmin(Refused):
    """Then nobody could give roles any more."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator: make another one first")
