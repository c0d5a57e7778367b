"""What the choices of models are called where customers read them, listed for translators.

The pages translate the label that the model has; a test keeps the list complete.
"""

from django.utils.translation import gettext_noop as _

#: Where a number is in its life, and what that means.
STATES = (
    _("sourced"),
    _("testing"),
    _("quarantined"),
    _("failed"),
    _("on sale"),
    _("reserved"),
    _("in service"),
    _("released"),
    _("returned"),
)
MEANINGS = (
    _("ordered from a provider and received"),
    _("the lab has it"),
    _("off sale, resting until it is clean"),
    _("a test failed; carries the failing tests"),
    _("anybody may buy it"),
    _("held for one account until the hold expires"),
    _("assigned to an account"),
    _("given back; only the last holder may reclaim it"),
    _("retired, or back at the provider; terminal, the row stays"),
)
#: Kinds of numbers, in the middle of a sentence.
TYPES = (
    _("local"),
    _("mobile"),
    _("national"),
    _("toll-free"),
    _("shared cost"),
    _("voip"),
    _("machine to machine"),
)
#: Whether an account may do anything.
ACCOUNTS = (
    _("active"),
    _("suspended"),
    _("closed"),
)
#: Where a bundle is on its way, in the middle of a sentence.
BUNDLES = (
    _("draft"),
    _("waiting for review"),
    _("in review"),
    _("provisionally approved"),
    _("approved"),
    _("rejected"),
)
#: What may be done to a bundle, as in "can't submit it".
VERBS = (
    _("submit"),
    _("recall"),
    _("reopen"),
)
#: Who would use the numbers of a regulation, in a letter.
PEOPLE = (
    _("individual"),
    _("business"),
)
#: What comes in that is not for the new owner of a number.
UNWANTED = (
    _("calls"),
    _("messages"),
    _("calls and messages"),
)
