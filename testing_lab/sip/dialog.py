"""Dialogs (RFC 3261 12): who the two sides are, where requests go, and which CSeq comes next."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import MalformedMessage
from .headers import Headers
from .message import Message, Request, Response
from .values import NameAddr, Peer, Uri

DialogKey = tuple[str, str, str]  # Call-ID, local tag, remote tag

# Requests that may move the remote target, or tell the peer ours (RFC 3261 12.2, RFC 3311 5.1).
_WITH_CONTACT = {"INVITE", "UPDATE"}


@dataclass(slots=True)
class Dialog:
    """One side's view. `local` and `remote` are whole From/To values, tags included."""

    call_id: str
    local: str
    remote: str
    target: Uri  # the peer's Contact
    contact: str  # ours, as a header value
    routes: list[str] = field(default_factory=list)  # in the order in which we use them
    local_cseq: int = 0
    remote_cseq: int | None = None
    remote_sdp: bytes | None = None  # what the peer described last

    @classmethod
    def of_caller(cls, request: Request, response: Response) -> Dialog:
        """From our INVITE and a response with a To tag (12.1.2); the route set is Record-Route reversed."""
        return cls(
            call_id=request.call_id,
            local=request.headers.get("From") or "",
            remote=response.headers.get("To") or "",
            target=_readable_contact(response) or Uri.parse(request.uri),
            contact=request.headers.get("Contact") or "",
            routes=_readable_routes(response)[::-1],
            local_cseq=request.cseq.number,
        )

    @classmethod
    def of_callee(cls, request: Request, *, tag: str, contact: str) -> Dialog:
        """From an INVITE that we received and our To tag (12.1.1). Raises `MalformedMessage` without Contact."""
        target = _contact(request)
        if target is None:
            raise MalformedMessage("Contact is missing", request=request)
        return cls(
            call_id=request.call_id,
            local=f"{request.headers.get('To')};tag={tag}",
            remote=request.headers.get("From") or "",
            target=target,
            contact=contact,
            routes=_readable_routes(request),
            remote_cseq=request.cseq.number,
        )

    @property
    def key(self) -> DialogKey:
        return self.call_id, NameAddr.parse(self.local).tag or "", NameAddr.parse(self.remote).tag or ""

    def next_cseq(self) -> int:
        self.local_cseq += 1
        return self.local_cseq

    def request(self, method: str, *, cseq: int | None = None) -> tuple[Request, Peer]:
        """A request inside the dialog and where it goes (12.2.1.1); `cseq` repeats a number, for the ACK of a 2xx."""
        uri, routes = self.target, self.routes
        if routes:
            first = NameAddr.parse(routes[0]).uri
            if not first.is_loose:  # a strict router of RFC 2543 wants itself in the Request-URI
                uri, routes = first, [*routes[1:], f"<{self.target}>"]
            peer = first.peer
        else:
            peer = uri.peer
        headers = Headers(("Route", route) for route in routes)
        headers.add("Max-Forwards", "70")
        headers.add("From", self.local)
        headers.add("To", self.remote)
        headers.add("Call-ID", self.call_id)
        headers.add("CSeq", f"{self.next_cseq() if cseq is None else cseq} {method}")
        if method in _WITH_CONTACT:
            headers.add("Contact", self.contact)
        return Request(method=method, uri=str(uri), headers=headers), peer

    def admits(self, request: Request) -> bool:
        """CSeq rule of 12.2.2: a number at or below the last one is out of order (500)."""
        number = request.cseq.number
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def refresh(self, message: Message) -> None:
        """Target refresh by a re-INVITE, UPDATE, or a 2xx to one (12.2)."""
        self.target = _readable_contact(message) or self.target


def _contact(message: Message) -> Uri | None:
    """The URI of the first Contact, or None; raises `MalformedMessage` when no request could be sent to it."""
    contacts = message.headers.elements("Contact")
    if not contacts:
        return None
    uri = NameAddr.parse(contacts[0]).uri
    if uri.scheme == "tel":
        raise MalformedMessage("a tel: Contact names no host")
    return uri


def _readable_contact(message: Message) -> Uri | None:
    """The Contact, or None: a call that stands must be acknowledged and hung up even if its Contact is rubbish."""
    try:
        return _contact(message)
    except MalformedMessage:
        return None


def _readable_routes(message: Message) -> list[str]:
    """The Record-Route values that a request can follow."""
    return [route for route in message.headers.elements("Record-Route") if _is_route(route)]


def _is_route(value: str) -> bool:
    try:
        return NameAddr.parse(value).uri.scheme != "tel"
    except MalformedMessage:
        return False
