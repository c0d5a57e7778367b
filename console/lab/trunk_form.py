"""The form of a trunk: what would not work is said here, before the database refuses it or a carrier does."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings

from testing_lab.models import Trunk

if TYPE_CHECKING:  # the theme ships no types; its widgets are Django's with other classes
    from django.forms import PasswordInput, Select

    _ModelForm = forms.ModelForm[Trunk]
else:
    from django.forms import ModelForm as _ModelForm
    from unfold.widgets import UnfoldAdminPasswordWidget as PasswordInput
    from unfold.widgets import UnfoldAdminSelectWidget as Select


SET = "For digest authentication; kept encrypted, and never shown."
KEPT = "Kept encrypted, and never shown. Empty: the one that stands is kept."


@cache
def _time_zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones())]


class TrunkForm(_ModelForm):
    """The password is written and never read: the field is empty, and what stands is kept while it stays so."""

    new_password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        required=False,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    time_zone = forms.ChoiceField(choices=_time_zones, initial="UTC", widget=Select(), help_text="Of the quiet hours.")

    class Meta:
        model = Trunk
        fields = (
            *("name", "active", "preference", "address", "options_interval", "username"),
            *("calls_per_second", "most_calls", "messages_per_second", "quiet_from", "quiet_until", "time_zone"),
        )
        error_messages = {"name": {"unique": "There is a trunk of this name already."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if address := self.fields.get("address"):  # there are no fields for who may only look
            address.help_text = f"host:port, UDP. Empty: that of LAB_TRUNK_ADDRESS, {settings.LAB_TRUNK_ADDRESS}."
            self.fields["new_password"].help_text = KEPT if self.instance.username else SET

    @property
    def others(self) -> Iterable[Trunk]:
        """All trunks but this one."""
        return Trunk.objects.defer("password").exclude(pk=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        """What concerns several fields, or other trunks."""
        given = super().clean() or self.cleaned_data
        self._check_preference(given)
        self._check_address(given)
        self._check_credentials(given)
        self._check_quiet_hours(given)
        return given

    def _check_preference(self, given: dict[str, Any]) -> None:
        others = list(self.others)
        if holder := next((each for each in others if each.preference == given.get("preference")), None):
            free = max(each.preference for each in others) + 1
            self.add_error("preference", f"{holder} has {holder.preference} already; {free} is free. Gaps are fine.")

    def _check_address(self, given: dict[str, Any]) -> None:
        """Credentials are known by the address that they are for, so two trunks in use can't share one."""
        if "address" not in given or not given.get("active"):
            return
        address = given["address"] or settings.LAB_TRUNK_ADDRESS
        for other in self.others:
            if other.active and (other.address or settings.LAB_TRUNK_ADDRESS) == address:
                self.add_error("address", f"{other} is at {address} already: switch it off first.")

    def _check_credentials(self, given: dict[str, Any]) -> None:
        """A password that stands goes to whom it was given for and to nobody else: asked for anew when the address
        or the user name changes."""
        user, password = given.get("username"), given.get("new_password")
        if user and not password:
            if not self.initial.get("username"):
                self.add_error("new_password", "The user name needs its password.")
            elif not {"address", "username"}.isdisjoint(self.changed_data):
                self.add_error("new_password", "The address or the user name has changed: give the password again.")
        if password and not user and "username" not in self.errors:
            self.add_error("username", "The password needs its user name.")

    def _check_quiet_hours(self, given: dict[str, Any]) -> None:
        begin, end = given.get("quiet_from"), given.get("quiet_until")
        if "quiet_from" in self.errors or "quiet_until" in self.errors:
            return
        if (begin is None) != (end is None):
            missing = "quiet_from" if begin is None else "quiet_until"
            self.add_error(missing, "Quiet hours need a beginning and an end.")
        elif begin is not None and begin == end:
            self.add_error("quiet_until", "They would have no end. For a trunk without any calls, switch it off.")

    @property
    def written(self) -> list[str]:
        """The columns that the form changes, `password` among them if it does; the instance has their values."""
        changed = [name for name in self.changed_data if name != "new_password"]
        if given := self.cleaned_data.get("new_password"):
            self.instance.password = given
            return [*changed, "password"]
        if "username" in changed and not self.cleaned_data["username"]:
            self.instance.password = None
            return [*changed, "password"]
        return changed
