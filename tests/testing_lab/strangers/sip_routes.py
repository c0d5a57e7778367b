"""What strangers' routes do to signalling, and what the lab must say of each.

The truth of a row is what docs/tests say of such a route. Harmless oddities that touch different things share a route.
"""

import re

from tests.testing_lab.strangers import signalling_faults as sip
from tests.testing_lab.strangers.faults import Strange
from tests.testing_lab.strangers.signalling_faults import shown_as, together

HOST = "10.1.2.3"
GATEWAY = f"<sip:+12125550100@{HOST}>"
CLI = frozenset({"V10", "V13"})
_SAVP = r"\1 RTP/SAVP\2a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz" "\r\n"
_VIDEO = "m=video 9 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
_ICE = "a=rtcp-mux\r\na=ice-ufrag:abcd\r\na=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n"


def _fails(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _dashed(number: str) -> str:
    return f"{number[:2]}-{number[2:5]}-{number[5:8]}-{number[8:]}"


def _beside_srtp(body: str) -> str:
    """The stream is offered twice, encrypted and in the clear."""
    return re.sub(r"(m=audio \d+) RTP/AVP(.*\r\n)", lambda m: m.expand(_SAVP) + m[0], body, count=1)


def _without_mu_law(body: str) -> str:
    return re.sub(r"AVP [\d ]+", "AVP 18", body)


SHOWN_RIGHTLY = [
    Strange("nothing"),
    Strange("tel: URIs with separators", sip=sip.invite(shown_as(lambda n: f"<tel:{_dashed(n)}>"))),
    Strange(
        "telephones have parameters",
        sip=sip.invite(shown_as(lambda n: f'"+442079460000" <sip:{n};cpc=ordinary;isup-oli=0@{HOST};user=phone>')),
    ),
    Strange("asserted as sip: and tel:", sip=sip.invite(sip.asserted(f"<sip:{{}}@{HOST}>, <tel:{{}}>"))),
    Strange("asserted in two headers", sip=sip.invite(sip.asserted("<tel:{}>", f"<sip:{{}}@{HOST}>"))),
    Strange("nothing asserted", sip=sip.invite(sip.asserted())),
    Strange(
        "asserted, From anonymous", sip=sip.invite(shown_as(lambda n: "<sip:anonymous@anonymous.invalid>", "From"))
    ),
    Strange("asserted, From national", sip=sip.invite(shown_as(lambda n: n[2:], "From"))),
]
SHOWN_WRONGLY = [
    Strange(f"shown as {name}", CLI, sip=sip.invite(shown_as(form)))
    for name, form in {
        "12025550142": lambda n: n[1:],
        "0012025550142": lambda n: f"00{n[1:]}",
        "+120255501420": lambda n: f"{n}0",
        "+4420255550142": lambda n: f"+44{n[2:]}",
        "+1202555****": lambda n: f"{n[:-4]}****",
        "a name without a number": lambda n: f'"{n}" <sip:gateway@{HOST}>',
        "a host": lambda n: f"<sip:{HOST}>",
    }.items()
] + [
    Strange("asserted wrongly, From right", CLI, sip=sip.invite(sip.asserted(GATEWAY))),
    Strange("asserted nationally", CLI, sip=sip.invite(sip.asserted("<tel:2025550142;phone-context=+1>"))),
    Strange("the trunk asserted first", CLI, sip=sip.invite(sip.asserted(f"{GATEWAY}, <tel:{{}}>"))),
]
HIDDEN = [
    Strange("withheld, Privacy lost", sip=sip.withheld("Diversion: <sip:+16285550199@10.1.2.3>", drop="Privacy")),
    Strange("withheld, unavailable", sip=sip.anonymous("<sip:unavailable@unknown.invalid>")),
    Strange("withheld, private, by a gateway", sip=sip.anonymous(f'"Private" <sip:Restricted@{HOST}>')),
    Strange("withheld, zeros", sip=sip.anonymous(f"<sip:0000000000@{HOST}>")),
]
#: They tell the number `REFERENCE`, and nobody else's.
TOLD = [
    *(
        Strange(f"withheld, told in {line}", _fails("V13"), sip=sip.withheld(line))
        for line in (
            f"P-Preferred-Identity: <sip:+12025550142@{HOST}>",
            "Diversion: <tel:+1-202-555-0142>;reason=no-answer",
            f"History-Info: <sip:+16285550100@{HOST}>;index=1, <sip:12025550142@{HOST}>;index=2",
            "X-Original-ANI: (202) 555 0142",
            f"Call-Info: <http://{HOST}/cnam?n=%2B12025550142>",
        )
    ),
    Strange("withheld, told in Contact", _fails("V13"), sip=sip.contact_of_the_caller),
    Strange("withheld, told as name", _fails("V13"), sip=sip.anonymous('"202-555-0142" <sip:anonymous@x.invalid>')),
    Strange("withheld, told in From", _fails("V13"), sip=sip.anonymous(f'"Anonymous" <sip:12025550142@{HOST}>')),
    Strange(
        "withheld, told in the description",
        _fails("V13"),
        sip=sip.sdp(lambda body: body.replace("o=-", "o=+12025550142"), sip.is_withheld),
    ),
]
CALLED_RIGHTLY = [
    Strange("ported: npdi and rn", sip=sip.target(lambda user: f"sip:{user};npdi;rn=+16285550000@{HOST}")),
    Strange("called as user=phone", sip=sip.target(lambda user: f"sip:{user}@{HOST}:5060;user=phone;transport=udp")),
    Strange(
        "called as tel:, To is another", sip=together(sip.target(lambda user: f"tel:{user}"), sip.to_somebody_else)
    ),
]
CALLED_WRONGLY = [
    Strange(f"called as {name}", _fails("V01"), _fails("V12"), sip=sip.target(form))
    for name, form in {
        "16285550100": lambda user: f"sip:{user[1:]}@{HOST}",
        "0016285550100": lambda user: f"sip:00{user[1:]}@{HOST}",
        "6285550100": lambda user: f"sip:{user[2:]}@{HOST}",
        "99#+16285550100": lambda user: f"sip:99#{user}@{HOST}",
        "its routing number": lambda user: f"sip:+16285550000;npdi@{HOST}",
    }.items()
] + [
    Strange("comes twice as another call", _fails("V01"), sip=sip.forked(other_call=True)),
    Strange("comes twice by two branches", _fails("V01"), sip=sip.forked(other_call=False)),
    Strange("voicemail is quicker", _fails("V01", "V03"), _fails("V11", "V12"), sip=sip.Voicemail),
]
IN_TIME = [
    Strange("all twice", sip=together(sip.twice(sip.is_progress), sip.twice(sip.is_answer), sip.twice(sip.is_bye))),
    Strange("first 200 and first BYE lost", sip=together(sip.dropped(sip.is_answer, 1), sip.dropped(sip.is_bye, 1))),
    Strange("200 and BYE 0.4 s late", sip=together(sip.late(sip.is_answer, 0.4), sip.late(sip.is_bye, 0.4))),
    Strange("progress 2 s late", sip=sip.late(sip.is_first_invite, 2.0)),
    Strange("first ACK lost", sip=sip.dropped(lambda message: message.startswith("ACK "), 1)),
    Strange("200 to BYE lost", sip=sip.dropped(lambda m: sip.status_of(m) == 200 and sip.answers(m, "BYE"))),
]
TOO_LATE = [
    Strange("progress 4 s late", _fails("V02"), sip=sip.late(sip.is_first_invite, 4.0)),
    Strange("200 1.6 s late", _fails("V03"), sip=sip.late(sip.is_answer, 1.6)),
    Strange("BYE 1.6 s late", _fails("V11"), sip=sip.late(sip.is_bye, 1.6)),
    Strange("no progress", _fails("V03"), sip=sip.dropped(sip.is_progress)),
    Strange("BYE never passed on", _fails("V11"), sip=sip.swallowed(sip.is_bye)),
]
CAUSES_KEPT = [
    Strange(f"busy says {busy}, BYE {bye}", sip=together(sip.busy_becomes("486 Busy", *busy), sip.bye_says(*bye)))
    for busy, bye in (
        ((), ("q.850; cause=016 ;location=LN",)),
        (('SIP;cause=486;text="Busy, here"', "Q.850;cause=17"), ('SIP;cause=200;text="OK"', "Q.850;cause=16")),
        (("SIP;cause=486, q.850 ; cause = 17",), ('Q.850;text="Normal, clearing;cause=1";cause=16',)),
    )
]
CAUSES_LOST = [
    *(
        Strange(f"busy as {line} {reasons}", _fails("V11"), sip=sip.busy_becomes(line, *reasons))
        for line, *reasons in (
            ("480 Temporarily Unavailable", "Q.850;cause=17"),
            ("603 Decline", "Q.850;cause=21"),
            ("600 Busy Everywhere", "Q.850;cause=17"),
            ("302 Moved Temporarily",),
            ("486 Busy Here", "Q.850;cause=31"),
            ("486 Busy Here", "SIP;cause=486", "Q.850;cause=34"),
        )
    ),
    *(
        Strange(f"BYE says {reasons}", _fails("V11"), sip=sip.bye_says(*reasons))
        for reasons in (
            ("Q.850;cause=31",),
            ('SIP;cause=200;text="Q.850;cause=16"',),
            ("SIP;cause=200", 'Q.850;cause=127;text="Interworking, unspecified"'),
        )
    ),
]
AGREED = [
    Strange(
        "names in lower case, 30 ms",
        sip=sip.sdp(lambda body: body.replace("PCM", "pcm").replace("a=ptime:20", "a=ptime:30\r\na=maxptime:150")),
    ),
    Strange(
        "static types unnamed, the other first",
        sip=sip.sdp(lambda body: re.sub(r"a=rtpmap:[08] .*\r\n", "", body).replace("AVP 0 8", "AVP 8 0")),
    ),
    Strange("SRTP offered beside", sip=sip.sdp(_beside_srtp, sip.is_first_invite)),
    Strange("ICE, rtcp-mux and video", sip=sip.sdp(lambda body: body + _ICE + _VIDEO, sip.is_first_invite)),
]
NOT_AGREED = [
    Strange(
        "a codec that nobody offered",
        _fails("V12", "V14"),
        _fails("V03"),
        sip=sip.sdp(_without_mu_law, sip.is_response),
    ),
    Strange("no second offer", _fails("V14"), sip=sip.reinvite_gets("488 Not Acceptable Here")),
]
ROUTES = [
    *SHOWN_RIGHTLY,
    *SHOWN_WRONGLY,
    *HIDDEN,
    *TOLD,
    *CALLED_RIGHTLY,
    *CALLED_WRONGLY,
    *IN_TIME,
    *TOO_LATE,
    *CAUSES_KEPT,
    *CAUSES_LOST,
    *AGREED,
    *NOT_AGREED,
]
