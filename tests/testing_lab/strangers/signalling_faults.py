"""What strange routes do to SIP: made anew for each call, each turns a message into those that go on in its place.

It is given requests on their way to the called party or back, and responses likewise, as text; what it makes of them is
sent to the lab after so many seconds. A response of its own goes back to whoever sent the request.
"""

import re
from collections.abc import Callable, Iterable
from typing import Protocol

Later = tuple[float, str]
Change = Callable[[str], str]

REFERENCE = "+12025550142"
SHOWN = ("From", "P-Asserted-Identity")


class Signalling(Protocol):
    """Called with every SIP message of one call; gives the messages to send on, each with a delay in seconds."""

    def __call__(self, message: str) -> Iterable[Later]: ...


Make = Callable[[], Signalling]


def passed_on(message: str) -> Iterable[Later]:
    return [(0.0, message)]


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.*?)\r$", text, re.M | re.I)
    return found[1] if found else ""


def ended(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def with_header(text: str, name: str, *values: str) -> str:
    """The message with these values for all those that the header had."""
    bare = re.sub(rf"^{name}\s*:[^\r]*\r\n", "", text, flags=re.M | re.I)
    first, _, rest = bare.partition("\r\n")
    return ended(first, *(f"{name}: {value}" for value in values)) + rest


class OfferLeftToTheCalled:
    """A route that calls without a description, and answers the called party's with its ACK (RFC 3261 13.2.1)."""

    def __init__(self) -> None:
        self._offer = ""  # the caller's, until the called party has made one

    def __call__(self, message: str) -> Iterable[Later]:
        head, _, body = message.partition("\r\n\r\n")
        if message.startswith("INVITE ") and body:
            self._offer, body = body, ""
        elif message.startswith("ACK "):
            self._offer, body = "", self._offer
        else:
            return passed_on(message)
        bare = with_header(f"{head}\r\n", "Content-Type", *["application/sdp"] * bool(body))
        return [(0.0, with_header(bare, "Content-Length", str(len(body))) + f"\r\n{body}")]


def is_first_invite(message: str) -> bool:
    return message.startswith("INVITE ") and ";tag=" not in header(message, "To")


def status_of(message: str) -> int:
    return int(message[8:11]) if message.startswith("SIP/2.0 ") else 0


def answers(message: str, method: str) -> bool:
    return header(message, "CSeq").endswith(method)


def if_(is_meant: Callable[[str], bool], change: Change) -> Make:
    return lambda: lambda message: [(0.0, change(message) if is_meant(message) else message)]


# Who calls


def invite(change: Change) -> Make:
    """Changes the INVITE that begins a call."""
    return if_(is_first_invite, change)


def shown_as(form: Callable[[str], str], *headers: str) -> Change:
    """Writes the caller's number otherwise, as a user or as a whole address; a withheld one stays away."""
    names = "|".join(headers or SHOWN)

    def address(found: re.Match[str]) -> str:
        written = form(found[2])
        return found[1] + (written if written.startswith(("<", '"')) else f"<sip:{written}{found[3]}>")

    return lambda text: re.sub(rf"^((?:{names}): .*?)<sip:(\+\d+)(@[^>]*)>", address, text, flags=re.M)


def asserted(*values: str) -> Change:
    """`{}` stands for the caller's number; what is withheld is not asserted."""

    def change(text: str) -> str:
        caller = re.search(r"^From: .*?<sip:(\+\d+)@", text, re.M)
        if caller is None:
            return text
        return with_header(text, "P-Asserted-Identity", *(value.replace("{}", caller[1]) for value in values))

    return change


def withheld(*lines: str, drop: str = "") -> Make:
    """What a call that withholds its caller says besides."""

    def change(text: str) -> str:
        if not re.search(r"^Privacy: id", text, re.M):
            return text
        bare = with_header(text, drop) if drop else text
        first, _, rest = bare.partition("\r\n")
        return ended(first, *lines) + rest

    return invite(change)


def is_withheld(message: str) -> bool:
    return is_first_invite(message) and header(message, "From").startswith('"Anonymous"')


contact_of_the_caller = invite(lambda text: text.replace("Contact: <sip:anonymous@", f"Contact: <sip:{REFERENCE}@"))


def anonymous(address: str) -> Make:
    """Who withholds his number is called something else."""
    return invite(lambda text: re.sub(r'^From: "Anonymous" <[^>]*>', f"From: {address}", text, flags=re.M))


# Whom is called


def target(form: Callable[[str], str]) -> Make:
    """`form` is given the user part of the Request-URI and gives a whole URI."""
    return invite(lambda text: re.sub(r"^INVITE sip:([^@ ]+)@\S+", lambda m: f"INVITE {form(m[1])}", text))


to_somebody_else = invite(lambda text: with_header(text, "To", "<sip:0285550199@10.1.2.3>"))


def forked(*, other_call: bool) -> Make:
    """The call comes twice: over a second branch, or as a second call."""

    def fork(message: str) -> Iterable[Later]:
        if not is_first_invite(message):
            return [(0.0, message)]
        twin = re.sub(r"branch=([^;\r]+)", r"branch=\1fork", message, count=1)
        if other_call:
            twin = re.sub(r"^(Call-ID: \S+)", r"\1-2", twin, flags=re.M)
        return [(0.0, message), (0.1, twin)]

    return lambda: fork


def response_to(request: str, status: str, *lines: str, body: str = "") -> str:
    """A response of the carrier itself to a request that already bears its Via."""
    kept = [f"{name}: {header(request, name)}" for name in ("From", "Call-ID", "CSeq")]
    vias = re.findall(r"^Via: [^\r]*", request, re.M)[1:]
    to = header(request, "To")
    to = to if ";tag=" in to else f"{to};tag=carrier"
    lines = (*vias, *kept, f"To: {to}", *lines, f"Content-Length: {len(body.encode())}")
    return ended(f"SIP/2.0 {status}", *lines, "") + body


class Voicemail:
    """The carrier's voicemail answers half a second after the INVITE, which is withdrawn from the called party."""

    def __init__(self) -> None:
        self._invite = ""

    def __call__(self, message: str) -> Iterable[Later]:
        if is_first_invite(message):
            self._invite = message
            return self._answer(message)
        if message.startswith("BYE "):
            return [(0.0, response_to(message, "200 OK"))]
        if status_of(message) == 487:
            return [(0.0, self._of_invite("ACK", header(message, "To")))]
        return [(0.0, message)] if status_of(message) in {180, 183} else []

    def _answer(self, message: str) -> Iterable[Later]:
        via = re.search(r"^Via: SIP/2.0/UDP ([\d.:]+)", message, re.M)
        body = re.sub(r"^o=.*?\r$", "o=- 1 1 IN IP4 127.0.0.1\r", message.partition("\r\n\r\n")[2], flags=re.M)
        contact = f"Contact: <sip:voicemail@{via[1] if via else ''}>"
        answer = response_to(message, "200 OK", contact, "Content-Type: application/sdp", body=body)
        return [(0.0, message), (0.5, self._of_invite("CANCEL", header(message, "To"))), (0.5, answer)]

    def _of_invite(self, method: str, to: str) -> str:
        """A request hop by hop, with the Via and CSeq of the INVITE (RFC 3261 9.1, 17.1.1.3)."""
        first = self._invite.partition("\r\n")[0].replace("INVITE", method, 1)
        via = re.findall(r"^Via: [^\r]*", self._invite, re.M)[0]
        cseq = header(self._invite, "CSeq").replace("INVITE", method)
        lines = (
            via,
            f"From: {header(self._invite, 'From')}",
            f"To: {to}",
            f"Call-ID: {header(self._invite, 'Call-ID')}",
        )
        rest = (f"CSeq: {cseq}", "Max-Forwards: 70", "Content-Length: 0")
        return ended(first, *lines, *rest, "")


# How it goes on


def late(is_meant: Callable[[str], bool], seconds: float) -> Make:
    return lambda: lambda message: [(seconds if is_meant(message) else 0.0, message)]


def dropped(is_meant: Callable[[str], bool], times: int = 1_000_000) -> Make:
    """The first so many of them are lost."""

    def make() -> Signalling:
        left = [times]

        def drop(message: str) -> Iterable[Later]:
            if is_meant(message) and left[0] > 0:
                left[0] -= 1
                return []
            return [(0.0, message)]

        return drop

    return make


def twice(is_meant: Callable[[str], bool]) -> Make:
    return lambda: lambda message: [(0.0, message)] * (2 if is_meant(message) else 1)


def is_answer(message: str) -> bool:
    """The 200 to the INVITE that begins a call."""
    return status_of(message) == 200 and header(message, "CSeq") == "1 INVITE"


def is_progress(message: str) -> bool:
    return 100 < status_of(message) < 200


def is_bye(message: str) -> bool:
    return message.startswith("BYE ")


def is_response(message: str) -> bool:
    return bool(status_of(message))


def is_busy(message: str) -> bool:
    return status_of(message) == 486


def swallowed(is_meant: Callable[[str], bool]) -> Make:
    """The carrier answers by itself, and passes nothing on."""
    return lambda: lambda message: [(0.0, response_to(message, "200 OK") if is_meant(message) else message)]


def busy_becomes(line: str, *reasons: str) -> Make:
    """`line` is the status line from the status on."""
    return if_(is_busy, lambda text: with_header(re.sub(r"^(SIP/2.0) [^\r]*", rf"\1 {line}", text), "Reason", *reasons))


def bye_says(*reasons: str) -> Make:
    return if_(is_bye, lambda text: with_header(text, "Reason", *reasons))


def reinvite_gets(line: str) -> Make:
    """The carrier has no second offer, whoever makes it."""

    def refuse(message: str) -> Iterable[Later]:
        again = message.startswith("INVITE ") and not is_first_invite(message)
        if message.startswith("ACK ") and header(message, "CSeq") != "1 ACK":
            return []
        return [(0.0, response_to(message, line) if again else message)]

    return lambda: refuse


# What is agreed on


def sdp(change: Change, is_meant: Callable[[str], bool] = lambda message: True) -> Make:
    """Changes session descriptions, and Content-Length with them."""

    def rewrite(text: str) -> str:
        head, blank, body = text.partition("\r\n\r\n")
        if not body.startswith("v=0"):
            return text
        body = change(body)
        return re.sub(r"(?m)^Content-Length: \d+", f"Content-Length: {len(body.encode())}", head) + blank + body

    return if_(is_meant, rewrite)


def together(*makes: Make) -> Make:
    """One after the other; delays add up."""

    def make() -> Signalling:
        steps = [each() for each in makes]

        def one_by_one(message: str) -> Iterable[Later]:
            messages = [(0.0, message)]
            for step in steps:
                messages = [(so_far + more, text) for so_far, one in messages for more, text in step(one)]
            return messages

        return one_by_one

    return make
