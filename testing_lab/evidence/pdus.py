"""The PDUs of a message as they are kept: by their fields, as we filled and as we read them (SMPP 3.4)."""

from testing_lab.evidence.dialogue import of_message
from testing_lab.messages.delivery import OK, Delivery
from testing_lab.messages.link import SubmitResult
from testing_lab.messages.receipts import Receipt

SENDER, RECIPIENT = "sender", "recipient"


def submission(
    source: str, destination: str, text: str, said: SubmitResult | None, *, header: bytes = b"", what: str = ""
) -> str:
    """The submit_sm of one message, and the answer to it; nothing when there was no link to send it over."""
    if said is None:
        return ""
    fields = {"message": what} if what else {}
    udh = {"user_data_header": header.hex(" ")} if header else {}
    sent = of_message(
        SENDER,
        "sent",
        f"submit_sm {what}".strip(),
        said.submitted_at,
        **fields,
        source_addr=source,
        destination_addr=destination,
        **udh,
        short_message=repr(text),
    )
    if said.answered_at is None:
        return sent + of_message(SENDER, "received", "no submit_sm_resp", None, reason=said.reason)
    answer = {"command_status": f"0x{said.command_status:08X}", "message_id": said.message_id, "reason": said.reason}
    known = {name: value for name, value in answer.items() if value}
    return sent + of_message(SENDER, "received", "submit_sm_resp", said.answered_at, **fields, **known)


def delivery(came: Delivery, *, answered: int | None = OK, what: str = "") -> str:
    """A deliver_sm, and what we answered it with, where we know."""
    fields = {"message": what} if what else {}
    heard = of_message(
        RECIPIENT,
        "received",
        f"deliver_sm {what}".strip(),
        came.at,
        **fields,
        source_addr=came.source,
        destination_addr=came.destination,
        data_coding=came.data_coding,
        esm_class=f"{came.esm_class:#04x}",
        short_message=came.body.hex(" "),
        read_as=repr(came.text),
    )
    if answered is None:
        return heard
    status = f"0x{answered:08X}"
    return heard + of_message(RECIPIENT, "sent", "deliver_sm_resp", came.at, **fields, command_status=status)


def receipt(claim: Receipt | None, *, what: str = "") -> str:
    """The deliver_sm that claims what became of a message."""
    if claim is None:
        return ""
    fields = {"message": what} if what else {}
    title = f"receipt {what}: {claim.state}"
    return of_message(
        SENDER, "received", title, claim.at, **fields, message_id=claim.message_id, stat=claim.state, err=claim.error
    )
