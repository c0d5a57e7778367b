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
