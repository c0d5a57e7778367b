"""Words of django-allauth that we translate ourselves, listed for translators: what it says in German is too familiar.

What is shown is taken from there, never from here; our translation of it goes first.
"""

from django.utils.translation import gettext_noop as _

LETTERS = (_("Your password has been changed."),)
MESSAGES = (
    _("You cannot remove your primary email address (%(email)s)."),
    _("Your primary email address must be verified."),
)
REFUSALS = (
    _("Please select only one."),
    _("Please type your current password."),
    _("The new value must be different from the current one."),
    _("You cannot remove your primary email address."),
    _("You must type the same password each time."),
)
