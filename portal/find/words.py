"""What the search page calls the kinds of number and what they carry; and what it explains about them."""

from django.utils.translation import gettext_lazy as _

from numbering.types import Capability, NumberType

TYPES = {
    NumberType.LOCAL: _("Local"),
    NumberType.MOBILE: _("Mobile"),
    NumberType.NATIONAL: _("National"),
    NumberType.TOLL_FREE: _("Toll-free"),
    NumberType.SHARED_COST: _("Shared cost"),
    NumberType.VOIP: _("VoIP"),
    NumberType.MACHINE_TO_MACHINE: _("Machine to machine"),
}
#: "Local: it belongs to a town or an area."
MEANINGS = {
    NumberType.LOCAL: _("belongs to a town or an area"),
    NumberType.MOBILE: _("belongs to a mobile network; messages reach it everywhere"),
    NumberType.NATIONAL: _("belongs to the whole country, to no town"),
    NumberType.TOLL_FREE: _("callers pay nothing, its holder pays for them"),
    NumberType.SHARED_COST: _("callers pay a part, its holder the rest"),
    NumberType.VOIP: _("belongs to no place: for telephony over the internet"),
    NumberType.MACHINE_TO_MACHINE: _("for devices that call and message each other"),
}
CAPABILITIES = {
    Capability.VOICE: _("Calls"),
    Capability.SMS: _("Messages (SMS)"),
    Capability.MMS: _("Pictures (MMS)"),
    Capability.FAX: _("Fax"),
}


def carried(mask: int) -> list[str]:
    """What a mask of capabilities stands for, in words."""
    return [str(word) for capability, word in CAPABILITIES.items() if mask & capability]
