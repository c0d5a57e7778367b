"""The settings of a number in groups that people understand. What may be set together is the service's to say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import outgoing
from inventory import refusals
from inventory.models import Did
from inventory.models.did import HttpMethod, ReceiveMode
from numbering.sids import is_sid
from numbering.types import Capability
from portal.refusing import in_words


class Group(NamedTuple):
    """Fields that belong together; `needs`: what the number must carry for them to make sense."""

    title: Any
    hint: Any
    names: tuple[str, ...]
    needs: Capability = Capability(0)
    is_folded: bool = False


@dataclass(frozen=True)
class ShownGroup:
    """A group of one form. One that is folded is open where something is set in it, or wrong."""

    title: Any
    hint: Any
    fields: list[forms.BoundField]
    is_folded: bool

    @property
    def is_open(self) -> bool:
        """Whether there is something to see."""
        return any(field.errors or (field.value() and "method" not in field.name) for field in self.fields)


GROUPS = (
    Group(_("For your own lists"), _("Nobody who calls sees it."), ("friendly_name",)),
    Group(
        _("Calls"),
        _("Your program on the web that is asked what to do with a call to this number."),
        ("voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method", "voice_caller_id_lookup"),
        Capability.VOICE,
    ),
    Group(
        _("Messages"),
        _("Your program on the web that gets the messages to this number."),
        ("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method"),
        Capability.SMS,
    ),
    Group(
        _("Fax"),
        _("What an incoming call on this number is taken for."),
        ("voice_receive_mode",),
        Capability.FAX,
    ),
    Group(
        _("More: trunk, applications, status"),
        _("A trunk or an application takes the place of the addresses above. Whether it exists is not checked yet."),
        ("trunk_sid", "voice_application_sid", "sms_application_sid", "status_callback", "status_callback_method"),
        is_folded=True,
    ),
)
_NAMES: dict[type[Exception], tuple[str, Any]] = {
    refusals.FallbackWithoutVoiceUrl: ("voice_fallback_url", _("A fallback for calls needs an address for calls.")),
    refusals.FallbackWithoutSmsUrl: ("sms_fallback_url", _("A fallback for messages needs an address for messages.")),
    refusals.NoMessaging: ("sms_url", _("This number carries no messages.")),
    refusals.NoCallerIdLookup: ("voice_caller_id_lookup", _("This number carries no calls.")),
    refusals.NoFax: ("voice_receive_mode", _("This number carries no faxes.")),
}
REFUSALS = tuple(_NAMES)
_SPELLED = {"autocomplete": "off", "spellcheck": "false"}


class WebAddress(forms.CharField):
    """An http(s) URL, checked as the API checks it."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", **_SPELLED})
        super().__init__(required=False, max_length=outgoing.LONGEST_URL, widget=widget, **more)

    def clean(self, value: Any) -> str:
        """The URL, or nothing. Raises ValidationError."""
        text = str(super().clean(value))
        try:
            return outgoing.storable(text)
        except ValueError:
            message = _("Give a whole address, such as https://example.com/calls, without a user and a password.")
            raise forms.ValidationError(message) from None


class Sid(forms.CharField):
    """The SID of an object of the customer's."""

    def __init__(self, prefix: str, **more: Any) -> None:
        self.prefix = prefix
        super().__init__(required=False, max_length=34, widget=forms.TextInput(attrs=_SPELLED), **more)

    def clean(self, value: Any) -> str:
        """The SID, or nothing. Raises ValidationError."""
        text = str(super().clean(value))
        if text and not is_sid(text, self.prefix):
            message = _("A SID is %(prefix)s and 32 digits or letters from a to f.") % {"prefix": self.prefix}
            raise forms.ValidationError(message)
        return text


def _method(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(each, each) for each in HttpMethod.values], label=label)


class SettingsForm(forms.Form):
    """The columns that a customer may set; the ones that the number can't use are left out."""

    friendly_name = forms.CharField(max_length=64, label=_("Name"), strip=False)
    voice_url = WebAddress(label=_("Address for calls"), help_text=_("In the API: VoiceUrl."))
    voice_method = _method(_("Asked by"))
    voice_fallback_url = WebAddress(label=_("If that fails, this one"), help_text=_("In the API: VoiceFallbackUrl."))
    voice_fallback_method = _method(_("Asked by"))
    voice_caller_id_lookup = forms.BooleanField(
        required=False, label=_("Look up the caller's name"), help_text=_("Where the caller's country offers it.")
    )
    sms_url = WebAddress(label=_("Address for messages"), help_text=_("In the API: SmsUrl."))
    sms_method = _method(_("Asked by"))
    sms_fallback_url = WebAddress(label=_("If that fails, this one"), help_text=_("In the API: SmsFallbackUrl."))
    sms_fallback_method = _method(_("Asked by"))
    voice_receive_mode = forms.ChoiceField(
        choices=[(ReceiveMode.VOICE, _("a call")), (ReceiveMode.FAX, _("a fax"))], label=_("Incoming calls are")
    )
    trunk_sid = Sid("TK", label=_("Trunk (TK…)"), help_text=_("Clears the application for calls."))
    voice_application_sid = Sid("AP", label=_("Application for calls (AP…)"), help_text=_("Clears the trunk."))
    sms_application_sid = Sid("AP", label=_("Application for messages (AP…)"))
    status_callback = WebAddress(
        label=_("Address that is told how calls ended"), help_text=_("In the API: StatusCallback.")
    )
    status_callback_method = _method(_("Told by"))

    def __init__(self, did: Did, data: Any = None) -> None:
        given = {name: getattr(did, name) for name in self.base_fields}
        super().__init__(data, initial=given, label_suffix="")
        self.did = did
        for group in GROUPS:
            if group.needs & ~did.number.capabilities:
                for name in group.names:
                    del self.fields[name]

    def groups(self) -> Iterator[ShownGroup]:
        """Those that the number can use."""
        for group in GROUPS:
            if fields := [self[name] for name in group.names if name in self.fields]:
                yield ShownGroup(group.title, group.hint, fields, group.is_folded)

    def changes(self) -> Mapping[str, Any]:
        """What was changed; call it when the form is valid. Others' changes of other settings stay."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def refuse(self, refusal: Exception) -> None:
        """Say beside the field what the service refused; where it is left out, above the form."""
        name, message = _NAMES[type(refusal)] if type(refusal) in _NAMES else ("", in_words(refusal))
        self.add_error(name if name in self.fields else None, message)
