"""What a faulty number does to a call. A mechanism is one small function that changes the plan of the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox.sip import digits, impairments
from sandbox.sip.impairments import Impairment
from sandbox.sip.message import Message, parameters, uri_of, user_of
from sandbox.sip.stir import Signer

Parameters = Mapping[str, Any]
Vouch = Callable[[Signer, str, str], str | None]  # caller, callee -> Identity header
NATIONAL_PREFIXES = ("+1", "+44", "+49", "+33", "+46", "+31", "+34", "+39", "+61", "+81", "+353")


def vouch_truly(signer: Signer, caller: str, callee: str) -> str | None:
    """The caller is our customer, and the number is theirs: full attestation (ATIS-1000074 5.2.3)."""
    return signer.identity(caller, callee, "A")


@dataclass(slots=True)
class CallPlan:
    """How the trunk treats one call; an empty plan is a healthy call."""

    chance: Random
    number_is_callee: bool
    answer: tuple[int, str] | None = None  # the trunk's own final response
    answer_after: float = 0.0
    ring_after: float | None = None
    forward_after: float = 0.0
    busy_becomes: tuple[int, str] | None = None
    busy_cause: int | None = None  # Q.850
    rewrite_invite: Callable[[Message], None] | None = None
    tells_withheld: str = ""  # the header in which a withheld caller is shown all the same
    refused_codec: str = ""  # taken out of every description
    vouch: Vouch = vouch_truly
    channels: int | None = None  # calls of the number at once; one more is answered `channels_full`
    channels_full: tuple[int, str] = (486, "Busy Here")
    refresh_answer: tuple[int, str] | None = None  # to what refreshes the session
    drop_at_refresh: bool = False
    drop_after_hold: float | None = None  # seconds
    has_been_held: bool = False
    hides_ringing: bool = False
    answers_early: bool = False  # tells the caller of an answer when it only rings
    answer_held: float = 0.0  # seconds until the caller hears of the answer
    answered: bool = False  # the far end's 200 has come
    bye_after: float = 0.0
    bye_lost: bool = False
    bye_answered: bool = False  # by the trunk itself, as is the custom of those that lose it
    release_reason: str | None = None  # instead of the Reason of the one who hung up; empty: none at all
    is_fax: bool = False  # an image stream has been agreed on (T.38)
    t38_refusal: tuple[int, str] | None = None
    strips_t38: bool = False  # from answers: the stream is refused
    emergency_refusal: tuple[int, str] | None = None  # of emergency test calls
    emergency_location: Callable[[str], str] = str  # what becomes of the registered address
    emergency_aloud: bool = False  # answered by a voice, and not as test calls are
    from_caller: Impairment | None = None
    from_callee: Impairment | None = None
    event_types: set[int] = field(default_factory=set)  # RFC 4733 payload types, learnt from the SDP

    def concerns(self, p: Parameters) -> bool:
        """Whether a fault whose parameters say `calls: to_number` or `from_number` strikes this call."""
        return p.get("calls") in (None, "to_number" if self.number_is_callee else "from_number")

    def known_event_types(self) -> frozenset[int]:
        return frozenset(self.event_types)

    def impair(self, make: Callable[[], Impairment], direction: str = "both") -> None:
        """Impair what goes `to_number` (the faulty one), what comes `from_number`, or `both`."""
        if direction == "both" or (direction == "to_number") == self.number_is_callee:
            self.from_caller = make()
        if direction == "both" or (direction == "from_number") == self.number_is_callee:
            self.from_callee = make()


def reject(plan: CallPlan, p: Parameters) -> None:
    plan.answer, plan.answer_after = (p["status"], p["reason"]), p.get("after", 0.0)


def ring_out(plan: CallPlan, p: Parameters) -> None:
    plan.answer, plan.answer_after = (480, "Temporarily Unavailable"), p["seconds"]
    plan.ring_after = p["after"]


def stay_silent(plan: CallPlan, p: Parameters) -> None:
    plan.answer, plan.answer_after = (408, "Request Timeout"), p["seconds"]


def set_up_late(plan: CallPlan, p: Parameters) -> None:
    plan.forward_after = p["seconds"]


def release_wrongly(plan: CallPlan, p: Parameters) -> None:
    plan.busy_becomes, plan.busy_cause = (p["status"], p["reason"]), p.get("cause")


def lose_at_random(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.random_loss(plan.chance, share=p["share"]))


def lose_in_bursts(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.bursty_loss(plan.chance, p=p["p"], q=p["q"]))


def delay_evenly(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.delay(seconds=p["seconds"]))


def delay_unevenly(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.jitter(plan.chance, seconds=p["seconds"]))


def silence(plan: CallPlan, p: Parameters) -> None:
    plan.impair(impairments.silence, p["direction"])


def cross_lines(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.stranger(plan.chance), p["direction"])


def corrupt(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.corruption(plan.chance, share=p["share"]))


def hide_ringing(plan: CallPlan, p: Parameters) -> None:
    plan.hides_ringing = True


def hold_early_media(plan: CallPlan, p: Parameters) -> None:
    plan.from_callee = impairments.held_back(lambda: plan.answered)


def answer_early(plan: CallPlan, p: Parameters) -> None:
    """False answer supervision: the caller pays for ringing."""
    plan.answers_early = True


def answer_late(plan: CallPlan, p: Parameters) -> None:
    plan.answer_held = p["seconds"]


def lose_bye(plan: CallPlan, p: Parameters) -> None:
    plan.bye_lost, plan.bye_answered = True, p["answered"]


def delay_bye(plan: CallPlan, p: Parameters) -> None:
    plan.bye_after = p["seconds"]


def change_cause(plan: CallPlan, p: Parameters) -> None:
    plan.release_reason = p["reason"]


def lose_telephone_events(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.lost_events(plan.known_event_types, every=p.get("every", 1)))


def repeat_telephone_events(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.repeated_events(plan.known_event_types))


def add_telephone_event(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.added_event(plan.known_event_types, code=p["code"]))


def shorten_telephone_events(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.shortened_events(plan.known_event_types, samples=p["samples"]))


def mute_tones(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.muted_tones(every=p.get("every", 1), after=p.get("after", 0)))


def repeat_tones(plan: CallPlan, p: Parameters) -> None:
    plan.impair(digits.repeated_tones)


def add_tone(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.added_tone(row=p["row"], column=p["column"]))


def withhold_cli(plan: CallPlan, p: Parameters) -> None:
    """RFC 3323 4.1.1.3: what an anonymous caller looks like."""

    def rewrite(invite: Message) -> None:
        _replace_from(invite, '"Anonymous" <sip:anonymous@anonymous.invalid>')
        invite.remove("P-Asserted-Identity")
        invite.remove("Remote-Party-ID")

    plan.rewrite_invite = rewrite


def replace_cli(plan: CallPlan, p: Parameters) -> None:
    plan.rewrite_invite = lambda invite: _replace_caller(invite, p["by"])


def reformat_cli(plan: CallPlan, p: Parameters) -> None:
    """The caller in a national format, as a trunk without a number plan delivers it: 0 instead of the country code."""

    def rewrite(invite: Message) -> None:
        caller = invite.require("from").partition("sip:")[2].partition("@")[0]
        code = next((code for code in NATIONAL_PREFIXES if caller.startswith(code)), caller[:3])
        _replace_caller(invite, ("" if code == "+1" else "0") + caller[len(code) :])

    plan.rewrite_invite = rewrite


def show_withheld_cli(plan: CallPlan, p: Parameters) -> None:
    plan.tells_withheld = p["header"]


def show_caller(invite: Message, header: str) -> None:
    """Tell who calls, although that was to be withheld: in From, or in any other header."""
    user = user_of(uri_of(invite.first("p-asserted-identity") or ""))
    if header.lower() == "from":
        _replace_from(invite, f"<sip:{user}@sandbox.invalid>")
    else:
        invite.replace(header, f"<sip:{user}@sandbox.invalid>")


def refuse_codec(plan: CallPlan, p: Parameters) -> None:
    plan.refused_codec = p["codec"]


def limit_channels(plan: CallPlan, p: Parameters) -> None:
    plan.channels, plan.channels_full = p["channels"], (p["status"], p["reason"])


def refuse_refresh(plan: CallPlan, p: Parameters) -> None:
    plan.refresh_answer = (p["status"], p["reason"])


def drop_at_refresh(plan: CallPlan, p: Parameters) -> None:
    plan.drop_at_refresh = True


def drop_on_hold(plan: CallPlan, p: Parameters) -> None:
    plan.drop_after_hold = p["after"]


def mute_after_hold(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: impairments.silence_when(lambda: plan.has_been_held), p.get("direction", "both"))


def refuse_t38(plan: CallPlan, p: Parameters) -> None:
    plan.t38_refusal = (p["status"], p["reason"])


def strip_t38(plan: CallPlan, p: Parameters) -> None:
    plan.strips_t38 = True


def lose_t38(plan: CallPlan, p: Parameters) -> None:
    """Packets of T.38 alone, all of them or a share."""
    share = p.get("share", 1.0)
    plan.impair(
        lambda: impairments.when(lambda: plan.is_fax, impairments.random_loss(plan.chance, share=share)),
        p.get("direction", "both"),
    )


def mute_fax_tone(plan: CallPlan, p: Parameters) -> None:
    plan.impair(lambda: digits.muted_frequency(p["hertz"]), p["direction"])


def refuse_emergency_test(plan: CallPlan, p: Parameters) -> None:
    plan.emergency_refusal = (p["status"], p["reason"])


def misplace_emergency(plan: CallPlan, p: Parameters) -> None:
    """Another address is told, or none."""
    plan.emergency_location = lambda address: p["address"]


def curtail_emergency_address(plan: CallPlan, p: Parameters) -> None:
    """One of its parts has not been kept."""
    lost = p["without"]
    plan.emergency_location = lambda address: ", ".join(
        part for index, part in enumerate(address.split(", ")) if index != lost
    )


def answer_emergency_aloud(plan: CallPlan, p: Parameters) -> None:
    plan.emergency_aloud = True


def omit_identity(plan: CallPlan, p: Parameters) -> None:
    plan.vouch = lambda signer, caller, callee: None


def alter_identity(plan: CallPlan, p: Parameters) -> None:
    """Signed as C, and made an A on the way."""
    plan.vouch = lambda signer, caller, callee: signer.identity(caller, callee, "C", claimed="A")


def sign_for_another(plan: CallPlan, p: Parameters) -> None:
    plan.vouch = lambda signer, caller, callee: signer.identity(p["number"], callee, "A")


def sign_too_late(plan: CallPlan, p: Parameters) -> None:
    """With a certificate that nobody has renewed."""
    plan.vouch = lambda signer, caller, callee: signer.identity(caller, callee, "A", valid=False)


def attest(plan: CallPlan, p: Parameters) -> None:
    plan.vouch = lambda signer, caller, callee: signer.identity(caller, callee, p["level"])


def _replace_caller(invite: Message, user: str) -> None:
    host = invite.require("from").partition("@")[2].partition(">")[0].partition(";")[0] or "sandbox.invalid"
    _replace_from(invite, f"<sip:{user}@{host}>")
    if invite.first("p-asserted-identity"):
        invite.replace("P-Asserted-Identity", f"<sip:{user}@{host}>")


def _replace_from(invite: Message, address: str) -> None:
    invite.replace("From", f"{address};tag={parameters(invite.require('from')).get('tag', '')}")


MECHANISMS: Mapping[str, Callable[[CallPlan, Parameters], None]] = {
    mechanism.__name__: mechanism
    for mechanism in (
        *(reject, ring_out, stay_silent, set_up_late, release_wrongly),
        *(lose_at_random, lose_in_bursts, delay_evenly, delay_unevenly),
        *(silence, cross_lines, corrupt),
        *(hide_ringing, hold_early_media, answer_early, answer_late),
        *(lose_bye, delay_bye, change_cause),
        *(lose_telephone_events, repeat_telephone_events, add_telephone_event),
        *(shorten_telephone_events, mute_tones, repeat_tones, add_tone),
        *(withhold_cli, replace_cli, reformat_cli, show_withheld_cli),
        *(refuse_codec, limit_channels),
        *(refuse_refresh, drop_at_refresh, drop_on_hold, mute_after_hold),
        *(refuse_t38, strip_t38, lose_t38, mute_fax_tone),
        *(refuse_emergency_test, misplace_emergency, curtail_emergency_address, answer_emergency_aloud),
        *(omit_identity, alter_identity, sign_for_another, sign_too_late, attest),
    )
}
