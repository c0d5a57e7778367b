"""Strangers who call us: what they do, as a script for SIPp, and what we must make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from testing_lab.sip import CallCancelled, IncomingCall
from tests.patience import PATIENCE

from .peer import SOME_SDP
from .script import CALLED, FOLD, MIXED, agrees, audio, goes_on, hears, invites, parts, says, takes_no

Take = Callable[[IncomingCall], Awaitable[None]]


async def answer(call: IncomingCall) -> None:
    await call.ring()
    await call.answer(SOME_SDP)
    await asyncio.wait_for(call.ended.wait(), PATIENCE)
    assert call.ended_by == "remote"


async def answer_after_early_media(call: IncomingCall) -> None:
    await call.progress(SOME_SDP)
    await call.answer(SOME_SDP)
    await asyncio.wait_for(call.ended.wait(), PATIENCE)


async def answer_and_hang_up(call: IncomingCall) -> None:
    await call.ring()
    await call.answer(SOME_SDP)
    assert (await call.bye(timeout=PATIENCE)).status == 200


async def offer_early(call: IncomingCall) -> None:
    await call.progress(SOME_SDP, reliable=True)
    assert call.remote_sdp is not None, "the PRACK has brought the answer"
    await call.answer(SOME_SDP)
    await asyncio.wait_for(call.ended.wait(), PATIENCE)


async def ring_until_withdrawn(call: IncomingCall) -> None:
    await call.ring()
    await asyncio.wait_for(call.cancelled.wait(), PATIENCE)
    try:
        await call.answer(SOME_SDP)
    except CallCancelled:
        return
    raise AssertionError("answered although withdrawn")


@dataclass(frozen=True)
class Caller:
    """`port`: where the description that counts wants our audio, None where no call comes about."""

    name: str
    script: Sequence[str]
    port: int | None = 6000
    take: Take = answer
    refreshes: int = 0


TRYING = hears(100, optional=True)
RINGS = TRYING, hears(180)
IS_ANSWERED = *RINGS, hears(200, "m=audio 4000"), goes_on("ACK")
HANGS_UP = goes_on("BYE", cseq=90), hears(200)
VIA = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport"
CONTACT = "Contact: <sip:stranger@[local_ip]:[local_port]>"
TIMER = "Supported: timer"
RELIABLY = "Require: 100rel"
RACK = "RAck: [$RSeq] 1 INVITE"


def again(method: str, *wanted: str, cseq: int, headers: Sequence[str] = (), body: Sequence[str] = ()) -> list[str]:
    """A re-INVITE or UPDATE that is accepted."""
    asked = [goes_on(method, *headers, cseq=cseq, body=body), TRYING, hears(200, *wanted)]
    return [*asked, goes_on("ACK", cseq=cseq)] if method == "INVITE" else asked


WRITING = [
    Caller(
        "compact forms",
        [
            says(
                f"INVITE {CALLED} SIP/2.0",
                *("v: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport", "k: timer", "x: 1800"),
                *("f: <sip:+12025550142@[local_ip]>;tag=stranger", f"t: <{CALLED}>", "i: [call_id]", "CSeq: 1 INVITE"),
                *("m: <sip:stranger@[local_ip]:[local_port]>", "c: application/sdp", "l: [len]"),
                body=audio(6000),
            ),
            *(*RINGS, hears(200, "Session-Expires: 1800"), goes_on("ACK")),
            *HANGS_UP,
        ],
    ),
    Caller(
        "lower case, odd blanks, folded lines",
        [
            FOLD,
            says(
                f"INVITE {CALLED} SIP/2.0",
                *("VIA:", "[$fold]SIP / 2.0 / UDP", "[$fold] [local_ip] : [local_port] ; branch = [branch] ;rport"),
                *("fROM  :", r'[$fold]"A \" <B>, C"  <sip:+12025550142@[local_ip]>', "[$fold]  ;   tag  =  stranger"),
                *(f"to:<{CALLED}>", "CALL-id : [call_id]", "cseq:0001", "[$fold]INVITE", "max-forwards: 0070"),
                *('contact:"Q" <sip:stranger@[local_ip]:[local_port];unknown=%3F>;q=0.5;new', "x-empty:", "y-odd: ,;:"),
                *("content-TYPE:application/sdp", "content-length:[len]"),
                body=audio(6000),
            ),
            *IS_ANSWERED,
            *HANGS_UP,
        ],
    ),
    Caller(
        "tel: URIs",
        [
            says(
                "INVITE tel:[service];phone-context=example.com SIP/2.0",
                *(VIA, "From: <tel:+12025550142;cpc=ordinary>;tag=stranger", "To: <tel:[service]>"),
                *("Call-ID: [call_id]", "CSeq: 1 INVITE", "Max-Forwards: 70", CONTACT),
                *("P-Asserted-Identity: <tel:+12025550142>", "Content-Type: application/sdp", "Content-Length: [len]"),
                body=audio(6000),
            ),
            *IS_ANSWERED,
            *HANGS_UP,
        ],
    ),
    Caller("an offer among other parts", [invites(*MIXED, body=parts(*audio(6000))), *IS_ANSWERED, *HANGS_UP]),
    Caller(
        "a hundred headers, and long ones",
        [
            invites(
                f"Identity: {'e' * 4000};info=<https://stir.example/c.pem>;alg=ES256;ppt=shaken",
                *(f"History-Info: <sip:+1202555{index:04}@proxy.example>;index=1.{index}" for index in range(100)),
                body=audio(6000),
            ),
            *IS_ANSWERED,
            *HANGS_UP,
        ],
    ),
]
REFUSED = [
    Caller(
        "requires what we do not know",
        [
            invites("Require: timer, precondition, xyz", body=audio(6000)),
            *(hears(420, "Unsupported: precondition, xyz"), takes_no()),
        ],
        port=None,
    ),
    Caller(
        "a body that we cannot read",
        [
            invites("Content-Type: application/ISUP", body=["0123456789"]),
            *(hears(415, "Accept: application/sdp, multipart/mixed"), takes_no()),
        ],
        port=None,
    ),
    Caller(
        "too short a session: 422, and again",
        [
            invites(TIMER, "Session-Expires: 60", body=audio(6000)),
            *(hears(422, "Min-SE: 90"), takes_no()),
            invites(TIMER, "Session-Expires: 90", "Min-SE: 90", cseq=2, body=audio(6000)),
            *(*RINGS, hears(200, "Session-Expires: 90;refresher=uac", "Require: timer"), goes_on("ACK", cseq=2)),
            *HANGS_UP,
        ],
    ),
]
RINGING = [
    Caller(
        "gives up while it rings, by BYE",
        [invites(body=audio(6000)), *RINGS, goes_on("BYE", cseq=2), hears(487), takes_no(), hears(200, "CSeq: 2 BYE")],
        take=ring_until_withdrawn,
    ),
    Caller(
        "wants the ringing reliable, and moves its audio by PRACK and UPDATE (RFC 3262 5, RFC 3311)",
        [
            invites(RELIABLY, body=audio(6100)),
            *(TRYING, hears(183, RELIABLY, "m=audio 4000", keeps_rseq=True)),
            *again("PRACK", "m=audio 4000", cseq=2, headers=[RACK], body=audio(6102)),
            hears(200, "CSeq: 1 INVITE"),
            goes_on("ACK"),
            *again("UPDATE", "m=audio 4000", cseq=3, body=audio(6000)),
            *HANGS_UP,
        ],
        take=answer_after_early_media,
    ),
    Caller(
        "offers by UPDATE what we have not answered yet (RFC 3311 5.2)",
        [
            invites(body=audio(6000)),
            *RINGS,
            goes_on("UPDATE", cseq=2, body=audio(6100)),
            hears(500, "Retry-After: "),
            *(goes_on("BYE", cseq=3), hears(487), takes_no(), hears(200)),
        ],
        take=ring_until_withdrawn,
    ),
]
OFFERLESS = [
    Caller(
        "leaves the offer to us, and answers in its ACK (RFC 3261 13.2.1)",
        [
            invites(),
            *RINGS,
            hears(200, "Content-Type: application/sdp", "m=audio 4000"),
            goes_on("ACK", body=audio(6000)),
            *HANGS_UP,
        ],
    ),
    Caller(
        "leaves the offer to us, and answers in its PRACK",
        [
            invites(RELIABLY),
            *(TRYING, hears(183, RELIABLY, "m=audio 4000", keeps_rseq=True)),
            *again("PRACK", "Content-Length: 0", cseq=2, headers=[RACK], body=audio(6000)),
            hears(200, "CSeq: 1 INVITE"),
            goes_on("ACK"),
            *HANGS_UP,
        ],
        take=offer_early,
    ),
    Caller(
        "leaves the offer to us, and never answers it",
        [invites(), *RINGS, hears(200), goes_on("ACK"), *HANGS_UP],
        port=None,
    ),
]
STANDING = [
    Caller(
        "a strict router, then a loose one, on our way back",
        [
            invites(
                "Record-Route: <sip:[local_ip]:[local_port];hop=near>",
                "Record-Route: <sip:127.0.0.9;lr;hop=far>",
                body=audio(6000),
            ),
            *(*RINGS, hears(200, "Record-Route: .*hop=near.*Record-Route: .*hop=far"), goes_on("ACK")),
            hears("BYE", "BYE sip:[0-9.:]+;hop=near SIP", "Route: .sip:127.0.0.9;lr;hop=far.*Route: .sip:stranger@"),
            agrees(),
        ],
        take=answer_and_hang_up,
    ),
    Caller(
        "holds, asks for our offer, resumes elsewhere",
        [
            invites(body=audio(6100)),
            *IS_ANSWERED,
            *again("INVITE", "a=recvonly", cseq=2, body=audio(6100, "a=sendonly")),
            *again("INVITE", "m=audio 4000", cseq=3, body=audio(6100, host="0.0.0.0")),  # noqa: S104 - RFC 2543's hold
            *(goes_on("INVITE", cseq=4), TRYING, hears(200, "a=sendrecv"), goes_on("ACK", cseq=4, body=audio(6000))),
            *HANGS_UP,
        ],
    ),
    Caller(
        "refreshes the session by re-INVITE and by UPDATE",
        [
            invites(TIMER, "Session-Expires: 90;refresher=uac", "Min-SE: 90", body=audio(6000)),
            *(*RINGS, hears(200, "Session-Expires: 90;refresher=uac", "Require: timer"), goes_on("ACK")),
            *again("INVITE", "Session-Expires: 90", cseq=2, headers=[TIMER, "Session-Expires: 90"], body=audio(6000)),
            *again("UPDATE", "Session-Expires: 90", cseq=3, headers=[TIMER, "Session-Expires: 90"]),
            *HANGS_UP,
        ],
        refreshes=2,
    ),
]
CALLERS = [*WRITING, *REFUSED, *RINGING, *OFFERLESS, *STANDING]
