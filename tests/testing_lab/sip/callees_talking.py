"""Strangers whom we call: how they write, what they do in a call that stands."""

from __future__ import annotations

from .callee import ACK_AND_BYE, ANSWERED, HANGS_UP, INVITED, TIMER, Callee, they_hang_up, we_offer_again
from .script import FOLD, MIXED, agrees, answers, asks, audio, hears, parts, says, takes_no

ROUTES = [
    Callee(
        "a strict router, then a loose one",
        [
            INVITED,
            answers(
                "200 OK",
                "Record-Route: <sip:127.0.0.9;lr;hop=far>,<sip:[local_ip]:[local_port];hop=near>",
                body=audio(6000),
            ),
            *(
                step
                for method in ("ACK", "BYE")
                for step in [
                    hears(
                        method,
                        f"{method} sip:[0-9.:]+;hop=near SIP",
                        "Route: .sip:127.0.0.9;lr;hop=far",
                        "hop=far.*Route: .sip:stranger@",
                    )
                ]
            ),
            agrees(),
        ],
    ),
    Callee(
        "the route of the 200 is another than that of the ringing",
        [
            INVITED,
            answers("180 Ringing", "Record-Route: <sip:127.0.0.9;lr;old>"),
            answers("200 OK", "Record-Route: <sip:[local_ip]:[local_port];lr;new>", body=audio(6000)),
            hears("ACK", "Route: .sip:[0-9.:]+;lr;new"),
            hears("BYE", "Route: .sip:[0-9.:]+;lr;new"),
            agrees(),
        ],
        heard=(180, 200),
    ),
]
WRITING = [
    Callee(
        "compact forms",
        [
            INVITED,
            says(
                "SIP/2.0 200 OK",
                *("v:[$Via]", "f:[$From]", "t:[$To];tag=a", "i: [call_id]", "CSeq:[$CSeq]"),
                *("m: <sip:stranger@[local_ip]:[local_port]>", "k: timer", "x: 90;refresher=uas"),
                *("c: application/sdp", "l: [len]"),
                body=audio(6000),
            ),
            *ACK_AND_BYE,
        ],
    ),
    Callee(
        "lower case, odd blanks, folded lines",
        [
            INVITED,
            FOLD,
            says(
                "SIP/2.0 200 ",
                *("vIA :[$Via]", "from:", "[$fold][$From]", "TO :[$To]  ;", "[$fold]  tag  =  a"),
                *("call-id  : [call_id]", "cseq:", "[$fold][$CSeq]"),
                *("contact", "[$fold]:   sip:stranger@[local_ip]:[local_port]"),
                *("CONTENT-type :  APPLICATION/Sdp ; charset = utf-8", "content-LENGTH:    [len]"),
                body=audio(6000),
            ),
            *ACK_AND_BYE,
        ],
    ),
    Callee(
        "an answer among other parts",
        [INVITED, answers("200 OK", *MIXED, body=parts(*audio(6000))), *ACK_AND_BYE],
    ),
    Callee(
        "a hundred headers, and long ones",
        [
            INVITED,
            answers(
                "200 OK",
                f"Contact: <sip:stranger@[local_ip]:[local_port];x={'a' * 3000}>",
                *(f"X-Header-{index}: {'x' * 50}" for index in range(100)),
                f'Warning: 399 here "{"w" * 5000}"',
                body=audio(6000),
            ),
            hears("ACK", "a{250}"),
            hears("BYE", "a{250}"),
            agrees(),
        ],
    ),
]
STANDING = [
    Callee(
        "hangs up before our ACK has come",
        [INVITED, ANSWERED, asks("BYE"), hears("ACK"), hears(200)],
        drive=they_hang_up,
    ),
    Callee(
        "holds by direction, then by address, then resumes elsewhere",
        [
            INVITED,
            answers("200 OK", body=audio(6100)),
            hears("ACK"),
            asks("INVITE", cseq=1, body=audio(6100, "a=sendonly")),
            hears(100, optional=True),
            hears(200, "a=recvonly", "m=audio 4000"),
            asks("ACK", cseq=1),
            asks("INVITE", cseq=2, body=audio(6100, host="0.0.0.0")),  # noqa: S104 - RFC 2543's hold
            hears(100, optional=True),
            hears(200, "m=audio 4000"),
            asks("ACK", cseq=2),
            asks("INVITE", cseq=3, body=audio(6100, "a=inactive")),
            hears(100, optional=True),
            hears(200, "a=inactive"),
            asks("ACK", cseq=3),
            asks("INVITE", cseq=4, body=audio(6000)),
            hears(100, optional=True),
            hears(200, "a=sendrecv"),
            asks("ACK", cseq=4),
            *HANGS_UP,
        ],
        drive=they_hang_up,
    ),
    Callee(
        "asks for our offer, on hold, and answers in its ACK",
        [
            INVITED,
            answers("200 OK", body=audio(6100)),
            hears("ACK"),
            asks("INVITE", cseq=1, body=audio(6100, "a=sendonly")),
            hears(100, optional=True),
            hears(200, "a=recvonly"),
            asks("ACK", cseq=1),
            asks("INVITE", cseq=2),
            hears(100, optional=True),
            hears(200, "m=audio 4000", "a=sendrecv"),
            asks("ACK", cseq=2, body=audio(6000)),
            *HANGS_UP,
        ],
        drive=they_hang_up,
    ),
    Callee(
        "offers in the moment in which we do: 491, and again (RFC 3261 14)",
        [
            INVITED,
            ANSWERED,
            hears("ACK"),
            hears("INVITE", "CSeq: 2 INVITE"),
            asks("INVITE", cseq=1, body=audio(6100)),
            hears(491),
            takes_no(),
            answers("491 Request Pending", tag=""),
            hears("ACK", "CSeq: 2 ACK"),
            hears("INVITE", "CSeq: 3 INVITE"),
            answers("200 OK", tag="", body=audio(6000)),
            *ACK_AND_BYE,
        ],
        drive=we_offer_again,
    ),
    Callee(
        "refreshes the session by re-INVITE",
        [
            INVITED,
            answers("200 OK", "Session-Expires: 90;refresher=uas", "Require: timer", body=audio(6000)),
            hears("ACK"),
            asks("INVITE", "Supported: timer", "Session-Expires: 90;refresher=uac", "Min-SE: 90", body=audio(6000)),
            hears(100, optional=True),
            hears(200, "Session-Expires: 90;refresher=uac", "Require: timer"),
            asks("ACK"),
            *HANGS_UP,
        ],
        drive=they_hang_up,
        headers=TIMER,
        refreshes=1,
    ),
    Callee(
        "refreshes the session by UPDATE",
        [
            INVITED,
            answers("200 OK", "Session-Expires: 90;refresher=uas", "Require: timer", body=audio(6000)),
            hears("ACK"),
            asks("UPDATE", "Supported: timer", "Session-Expires: 90;refresher=uac"),
            hears(200, "Session-Expires: 90;refresher=uac", "Content-Length: 0"),
            *HANGS_UP,
        ],
        drive=they_hang_up,
        headers=TIMER,
        refreshes=1,
    ),
    Callee(
        "asks in the call for what we can and what we cannot do",
        [
            INVITED,
            ANSWERED,
            hears("ACK"),
            asks("OPTIONS", cseq=1),
            hears(200, "Allow: INVITE"),
            asks("INFO", cseq=2),
            hears(405, "Allow: INVITE"),
            asks("UPDATE", "Require: timer, precondition", cseq=3),
            hears(420, "Unsupported: precondition"),
            asks("INVITE", cseq=4, body=audio(6100, "a=rtpmap:0 nothing/8000")[:5]),
            hears(100, optional=True),
            hears(488),
            takes_no(cseq=4),
            *HANGS_UP,
        ],
        drive=they_hang_up,
    ),
]
