"""Who gets a number and who gives it back: buy, release, transfer. Each is one transaction that locks the number first.

Two buyers of one number meet at its row lock; whoever comes second sees what the first one did to it.
"""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import F, Func, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Account
from inventory.blockers import blockers
from inventory.lifecycle import State
from inventory.models import Assignment, Did, LifecycleEntry, PhoneNumber
from inventory.querysets import NumberQuerySet
from inventory.refusals import (
    AccountNotActive,
    NoneInArea,
    NotAvailable,
    NotTheParent,
    ReceiverNotActive,
    ReceiverNotRelated,
    TrialLimit,
    WrongType,
)
from inventory.services import account_rows, did_settings, holds, protection
from inventory.services.stock_rows import locked_in_service, locked_number
from inventory.services.transition import move_locked
from inventory.shelves import demand
from numbering.areas import NANP_COUNTRIES
from numbering.e164 import friendly_name
from numbering.types import Capability, NumberType, capability_names, supersets

Settings = Mapping[str, Any]


def buy(*, account: Account, e164: int, settings: Settings, number_type: NumberType | None = None) -> Did:
    """Put the number in service for the account and return its DID.

    On sale: bought. Held by the account: bought, the hold is used up. Already the account's: the same DID, with these
    settings. Released by it and still reclaimable: the same DID again, its settings kept but for these. Anything else:
    NotAvailable. Raises also AccountNotActive, TrialLimit, WrongType, the refusals of the settings, and
    `compliance.unmet.Unmet` where the account may not have it with these papers.
    """
    with did_settings.one_transaction():
        _check_buyer(account)
        number = locked_number(e164)
        if number_type and number.number_type != number_type:
            raise WrongType(number, number_type)
        return _take(number, account, settings)


def buy_in_area(*, account: Account, area_code: str, settings: Settings) -> Did:
    """Buy any local number of a NANP area code ("415") that carries what the settings need, passing over those that
    others are buying.

    Raises NoneInArea, AccountNotActive, TrialLimit, the refusals of the settings, and `compliance.unmet.Unmet`.
    """
    needed = did_settings.needed(settings)
    try:
        with did_settings.one_transaction():
            _check_buyer(account)
            number = _any_free(area_code, needed)
            if number is None:
                raise NoneInArea(area_code, capability_names(needed))
            return _take(number, account, settings)
    except NoneInArea:
        demand.refused_in_area(account, area_code, needed)
        raise


def release(*, did: Did, actor: str, reason: str = "") -> None:
    """Give the number back. Its account alone may reclaim it within RECLAIM_WINDOW. Raises NotInService, Protected."""
    with transaction.atomic():
        locked = locked_in_service(did)
        protection.require_off(locked)
        number, now = locked.number, timezone.now()
        Did.objects.filter(pk=did.pk).update(ended_at=now, updated_at=now)
        _close_assignment(number)
        move_locked(
            [number],
            "release",
            actor=actor,
            reason=reason,
            # Somebody has had it: what we knew of its quiet is worth nothing now, unless the same one takes it back.
            changes={"due_at": now + django_settings.RECLAIM_WINDOW, "cleared_at": None},
            data={"did": did.sid, "cleared_at": number.cleared_at and number.cleared_at.isoformat()},
        )


def transfer(*, did: Did, to: Account, by: Account) -> Did:
    """Move a DID, with its SID and settings but without its papers, between a parent account and its subaccounts.

    Raises NotTheParent when `by` is not the parent, ReceiverNotRelated, ReceiverNotActive, TrialLimit, NotInService,
    Protected, and `compliance.unmet.Unmet` where such a number goes to nobody without papers: `change` takes the
    receiver's.
    """
    return change(did=did, settings={}, to=to, by=by)


def change(*, did: Did, settings: Settings, to: Account | None, by: Account, protected: bool | None = None) -> Did:
    """Change settings of a DID, move it `to` another account where one is named, and put its protection on or take it
    off where that is said: all or nothing. What is protected when this begins is not moved.

    Papers belong to an account, so those of a number that moves are left behind: the receiver's are in the settings.
    Raises what `transfer` raises, and the refusals of the settings.
    """
    with did_settings.one_transaction():
        locked = locked_in_service(did)
        if to is None or to.pk == locked.account_id:  # to whom it belongs it need not be moved: nobody is asked
            did_settings.update(locked, locked.number, settings)
        else:
            protection.require_off(locked)
            _check_transfer(locked, to, by)
            _hand_over(locked, to, by, settings)
        if protected is not None:
            protection.put(locked, f"account:{by.sid}", is_on=protected)
    return locked


def _check_buyer(account: Account) -> None:
    if not account.is_active:
        raise AccountNotActive(account.sid)


def _check_still_active(account: Account) -> None:
    if not account_rows.still_active(account):
        raise AccountNotActive(account.sid)


def _check_trial(account: Account) -> None:
    """Asked wherever an account gets one number more, which by then is locked.

    The account's lock makes two such moments of one trial account wait for each other: only the first finds none. Who
    holds it never waits for a number (a reservation passes over those that are locked), so there is no deadlock.
    """
    if not account.is_trial:
        return
    Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    if Did.objects.filter(account=account, ended_at=None).exists():
        raise TrialLimit(_("Account %(sid)s is a trial account: it may hold one number") % {"sid": account.sid})


def _take(number: PhoneNumber, account: Account, settings: Settings) -> Did:
    """What buying means, by where the locked number is in its life."""
    now = timezone.now()
    mine = number.holder_id == account.pk
    if number.state == State.RESERVED and number.due_at and number.due_at <= now:
        holds.lapse([number], now)  # the sweep has not come by yet
    if number.state == State.AVAILABLE and not blockers(number, now):
        return _sell(number, account, settings, now)
    if number.state == State.RESERVED and not blockers(number, now, buyer=account):
        holds.use_up(number, now)
        did = _assign(number, account, settings)
        demand.bought_out_of_a_basket(number)
        return did
    if number.state == State.IN_SERVICE and mine:
        return _rebuy(number, settings)
    if number.state == State.RELEASED and mine and _reclaimable(number, now):
        return _reclaim(number, account, settings)
    raise NotAvailable(number)


def _reclaimable(number: PhoneNumber, now: datetime) -> bool:
    return number.due_at is not None and number.due_at > now and not number.blocked


def _sell(number: PhoneNumber, account: Account, settings: Settings, now: datetime) -> Did:
    actor = f"account:{account.sid}"
    move_locked([number], "reserve", actor=actor, reason="bought", changes={"holder": account, "due_at": now})
    did = _assign(number, account, settings)
    demand.bought(did, number)
    return did


def _assign(number: PhoneNumber, account: Account, settings: Settings) -> Did:
    did = Did(number=number, account=account, friendly_name=friendly_name(number.e164, number.country))
    did_settings.put(did, number, settings)
    did_settings.check_papers(did, number)
    _check_trial(account)
    did_settings.save(did, force_insert=True)
    _check_still_active(account)
    move_locked([number], "assign", actor=f"account:{account.sid}", data={"did": did.sid})
    _open_assignment(did)
    return did


def _rebuy(number: PhoneNumber, settings: Settings) -> Did:
    did = Did.objects.get(number=number, ended_at=None)
    did.number = number
    did_settings.update(did, number, settings)
    return did


def _reclaim(number: PhoneNumber, account: Account, settings: Settings) -> Did:
    released = LifecycleEntry.objects.filter(number=number, verb="release").latest("at", "pk")
    did = Did.objects.get(sid=released.data["did"])
    verdict = parse_datetime(released.data["cleared_at"])  # nobody else has had it since: the old verdict stands
    did_settings.put(did, number, settings)
    did_settings.check_papers(did, number)
    _check_trial(account)
    _check_still_active(account)
    move_locked(
        [number], "reclaim", actor=f"account:{account.sid}", changes={"cleared_at": verdict}, data={"did": did.sid}
    )
    did.number, did.ended_at, did.updated_at = number, None, timezone.now()
    did_settings.save(did)
    _open_assignment(did)
    return did


def _any_free(area_code: str, needed: Capability) -> PhoneNumber | None:
    """Start at a random point of the shop window, so that buyers at the same moment rarely want the same row."""
    window: NumberQuerySet = (
        PhoneNumber.objects.sellable(timezone.now())
        .filter(country__in=sorted(NANP_COUNTRIES), number_type=NumberType.LOCAL, area_code=area_code)
        .filter(capabilities__in=supersets(needed))
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
    )
    start = random.random()  # noqa: S311 - spreads buyers; no secret
    found = window.filter(spread__gte=start)[:1] or window.filter(spread__lt=start)[:1]
    return found[0] if found else None


def _check_transfer(did: Did, to: Account, by: Account) -> None:
    family = by.pk
    if by.parent_id is not None:
        raise NotTheParent(_("Only the parent account may move numbers"))
    if any(family not in (account.pk, account.parent_id) for account in (did.account, to)):
        raise ReceiverNotRelated(
            _("Account %(sid)s is not a subaccount of %(by)s, nor that account itself") % {"sid": to.sid, "by": by.sid}
        )
    if not to.is_active:
        raise ReceiverNotActive(_("Account %(sid)s is not active") % {"sid": to.sid})


def _hand_over(did: Did, to: Account, by: Account, settings: Settings) -> None:
    number, giver = did.number, did.account
    did.account = to
    columns = did_settings.put(did, number, {**did_settings.NO_PAPERS, **settings})
    did_settings.check_papers(did, number)
    _check_trial(to)
    if not account_rows.still_active(to):
        raise ReceiverNotActive(_("Account %(sid)s is not active") % {"sid": to.sid})
    LifecycleEntry.objects.create(
        number=number,
        verb="transfer",
        source=number.state,
        target=number.state,
        actor=f"account:{by.sid}",
        data={"did": did.sid, "from": giver.sid, "to": to.sid},
    )
    _close_assignment(number)
    PhoneNumber.objects.filter(pk=number.pk).update(holder=to)
    number.holder = to
    did.updated_at = timezone.now()
    did_settings.save(did, update_fields=["account", *columns, "updated_at"])
    _open_assignment(did, since=Assignment.objects.filter(did=did).latest("valid").valid.upper)  # not a moment's gap


def _open_assignment(did: Did, since: datetime | None = None) -> None:
    """From now on, by the database's clock: the one that all hosts share, so that skew never makes ranges overlap."""
    valid = Func(Value(since) if since else Now(), None, function="tstzrange")
    Assignment.objects.create(number_id=did.number_id, account_id=did.account_id, did=did, valid=valid)


def _close_assignment(number: PhoneNumber) -> None:
    """Until now, by the same clock."""
    Assignment.objects.filter(number=number, valid__upper_inf=True).update(
        valid=Func(Func(F("valid"), function="lower"), Now(), Value("[)"), function="tstzrange")
    )
