"""How each code of the error catalogue that is about bundles is met."""

from collections.abc import Callable
from typing import Any

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, EndUser, StoredFile, SupportingDocument
from tests.api.bundles.irish import irish_bundle, irish_end_user, irish_paper
from tests.api.conftest import Caller
from tests.factories import (
    BundleFactory,
    DidFactory,
    DocumentFactory,
    EndUserFactory,
    RegulationFactory,
    RegulationVersionFactory,
)

BUNDLES = "/v2/RegulatoryCompliance/Bundles"
NEW = {"FriendlyName": "Dublin", "Email": "ada@example.com"}
GROUP = {"IsoCountry": "IE", "NumberType": "local", "EndUserType": "business"}
Item = EndUser | SupportingDocument
Ask = Callable[[Caller, Account], Any]


def made(**form: str) -> Ask:
    return lambda caller, account: caller.post(BUNDLES, NEW | form)


def submitted(items: Callable[[Account], list[Item]]) -> Ask:
    """An Irish bundle of these, handed in."""
    return lambda caller, account: handed_in(caller, irish_bundle(account, items=items(account)))


def handed_in(caller: Caller, bundle: Bundle) -> Any:
    return caller.post(f"{BUNDLES}/{bundle.sid}", {"Status": "pending-review"})


def german(**shown: str) -> Ask:
    """A German bundle, handed in, whose register extracts show this."""

    def ask(caller: Caller, account: Account) -> Any:
        regulation = RegulationFactory.create()
        RegulationVersionFactory.create(regulation=regulation)
        end_user = EndUserFactory.create(account=account)
        end_user.attributes |= {"business_website": "https://www.musterfirma.de"}
        end_user.save(update_fields=["attributes"])
        extracts = [
            DocumentFactory.create(
                account=account, type="commercial_registrar_excerpt", attributes=shown, file=_file(n)
            )
            for n in range(3)
        ]
        return handed_in(caller, BundleFactory.create(account=account, items=[end_user, *extracts]))

    return ask


def _file(number: int) -> StoredFile:
    about: dict[str, Any] = {"key": "k", "mime_type": "application/pdf", "size": 1, "digest": "0" * 64}
    return StoredFile.objects.create(name=f"{number:032x}", **about)


def at(state: BundleState, method: str, tail: str = "", **form: str) -> Ask:
    """A request to a bundle in this state; ITSELF in the form is its SID."""

    def ask(caller: Caller, account: Account) -> Any:
        bundle = irish_bundle(account, state)
        path, filled = f"{BUNDLES}/{bundle.sid}{tail}", {k: v.replace("ITSELF", bundle.sid) for k, v in form.items()}
        return caller.delete(path) if method == "DELETE" else caller.post(path, filled)

    return ask


def holding_a_number(caller: Caller, account: Account) -> Any:
    """To delete a bundle that a number in service hangs on."""
    bundle = irish_bundle(account, BundleState.APPROVED)
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    return caller.delete(f"{BUNDLES}/{bundle.sid}")


DRAFT, APPROVED = BundleState.DRAFT, BundleState.APPROVED
ASKED: dict[int, Ask] = {
    20403: at(DRAFT, "POST", Status="twilio-approved"),
    21647: at(BundleState.IN_REVIEW, "DELETE"),
    21648: holding_a_number,
    22200: made(**GROUP | {"NumberType": "imaginary"}),
    22201: made(**GROUP | {"IsoCountry": "AQ"}),
    22202: made(),
    22203: at(DRAFT, "POST", Status="done"),
    22205: at(DRAFT, "POST", "/ItemAssignments", ObjectSid="RD" + "0" * 32),
    22206: at(DRAFT, "POST", "/ItemAssignments", ObjectSid="AD" + "0" * 32),
    22214: submitted(lambda account: [irish_paper(account)]),
    22215: submitted(lambda account: [irish_end_user(account, first_name=None), irish_paper(account)]),
    22216: submitted(lambda account: [irish_end_user(account)]),
    22217: german(),
    22218: german(business_name="Andere GmbH"),
    22219: submitted(lambda account: [irish_end_user(account), irish_paper(account, addresses=[])]),
    18001: submitted(lambda account: [irish_end_user(account), irish_paper(account, type="passport")]),
}
