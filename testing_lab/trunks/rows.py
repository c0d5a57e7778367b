"""The rows of the trunks, as daemons read and write them."""

from django.db.models.functions import Now
from django.forms.models import model_to_dict

from testing_lab.models import Trunk
from testing_lab.models.trunk import FIRST


def active() -> list[Trunk]:
    """The trunks in use, the first route first. A lab that has none at all gets the one of LAB_TRUNK_ADDRESS."""
    if not Trunk.objects.exists():
        Trunk.objects.get_or_create(name=FIRST, defaults={"preference": 1})
    return list(Trunk.objects.filter(active=True))


def is_same(one: Trunk, other: Trunk) -> bool:
    """Whether staff have changed nothing."""
    return model_to_dict(one) == model_to_dict(other)


def note_state(trunk: int, trouble: str) -> None:
    """It answers from now on, or (for what `trouble` says) does not."""
    is_up = not trouble
    seen = {"heard_at": Now()} if is_up else {}
    Trunk.objects.filter(pk=trunk).update(is_up=is_up, state_since=Now(), trouble=trouble[:200], **seen)


def note_heard(trunk: int) -> None:
    """It has answered again."""
    Trunk.objects.filter(pk=trunk).update(heard_at=Now())
