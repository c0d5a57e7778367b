"""The rows of the trunks, as daemons read and write them."""

from collections.abc import Collection

from django.db.models.functions import Now
from django.forms.models import model_to_dict

from testing_lab.findings import readable
from testing_lab.models import Trunk
from testing_lab.models.trunk import FIRST

REACHED_BY = frozenset({"address", "username", "password"})


def active() -> list[Trunk]:
    """The trunks in use, the first route first. A lab that has none at all gets the one of LAB_TRUNK_ADDRESS."""
    if not Trunk.objects.exists():
        Trunk.objects.get_or_create(name=FIRST, defaults={"preference": 1})
    return list(Trunk.objects.filter(active=True))


def is_same(one: Trunk, other: Trunk) -> bool:
    """Whether staff have changed nothing."""
    return model_to_dict(one) == model_to_dict(other)


def note_answer(trunk: int, daemon: str, trouble: str, *, changed: bool) -> None:
    """What this daemon's OPTIONS came to (no trouble: an answer); `changed`: from now on it is up, or down."""
    seen: dict[str, object] = {"asked_at": Now(), "asked_by": daemon}
    if not trouble:
        seen["heard_at"] = Now()
    if changed:
        seen |= {"is_up": not trouble, "state_since": Now(), "trouble": readable(trouble)[:200]}
    Trunk.objects.filter(pk=trunk).update(**seen)


def keep(trunk: Trunk, changed: Collection[str]) -> None:
    """Staff have changed these fields of a row that there is: nothing else is written, as daemons write into it too."""
    seen: dict[str, object] = {}
    if not REACHED_BY.isdisjoint(changed):  # what was seen was seen elsewhere
        seen |= {"is_up": None, "state_since": None, "heard_at": None, "trouble": ""}
    if "calls_per_second" in changed:  # the next moment, at the rate of before, may lie hours ahead
        seen["next_call_at"] = None
    if "messages_per_second" in changed:
        seen["next_message_at"] = None
    Trunk.objects.filter(pk=trunk.pk).update(**{name: getattr(trunk, name) for name in changed}, **seen)
