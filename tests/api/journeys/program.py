"""A customer's program on the official twilio-python: it gives what a regulation says, and knows none by heart.

Only two requests are written by hand: the upload, which no SDK has, and the regulation with what is ours in it
(`numberyard.constraints`: whether a paper needs a file, and of which age and country it must be).
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from twilio.rest import Client  # type: ignore[import-untyped]  # it ships no types

from tests.api.journeys.customers import Customer
from tests.api.journeys.scans import Scan, jpeg, pdf
from tests.patience import PATIENCE

DOCUMENTS = "/v2/RegulatoryCompliance/SupportingDocuments"


class Asked(NamedTuple):
    """A paper that a regulation asks for: the first kind that it takes. `constraints` are ours."""

    requirement: str
    type: str
    fields: list[str]
    constraints: dict[str, Any]

    @property
    def wants_file(self) -> bool:
        """Not for an address alone."""
        return bool(self.constraints["file_required"])


class Program:
    """What one customer does. `address`: the SID of where they live; made when it is first needed."""

    def __init__(self, client: Client, origin: str, who: Customer) -> None:
        self.client, self.who = client, who
        self.papers = client.numbers.v2.regulatory_compliance
        self.scans: Iterator[Scan] = itertools.cycle([pdf(), jpeg()])
        self._origin = origin
        self._address = ""

    @property
    def address(self) -> str:
        """Where they live."""
        self._address = self._address or self.client.addresses.create(**self.who.lives).sid
        return self._address

    def regulation(self, country: str, number_type: str, end_user_type: str) -> Any:
        """The one that there is for such numbers."""
        group = {"iso_country": country, "number_type": number_type, "end_user_type": end_user_type}
        (found,) = self.papers.regulations.list(**group)
        return found

    def bundle(self, regulation: Any, **settings: Any) -> Any:
        """An empty one."""
        named = {"friendly_name": "Front desk", "email": "papers@keller.example"} | settings
        return self.papers.bundles.create(regulation_sid=regulation.sid, **named)

    def end_user(self, regulation: Any, *, without: str = "", **other: str) -> Any:
        """What is asked of the person or company, but for a field, or with other values."""
        (party,) = regulation.requirements["end_user"]
        optional = {each["machine_name"] for each in party["detailed_fields"] if "(Optional)" in each["friendly_name"]}
        told = {name: self.who.tell(name) for name in party["fields"] if name not in optional | {without}} | other
        return self.papers.end_users.create(friendly_name="The workshop", type=party["type"], attributes=told)

    def asked(self, regulation: Any) -> list[Asked]:
        """The papers."""
        constraints = self._constraints(regulation)
        requirements = itertools.chain(*regulation.requirements["supporting_document"])
        return [_asked(each, constraints[each["requirement_name"]]) for each in requirements]

    def paper(self, asked: Asked, **other: Any) -> str:
        """The SID of a paper that shows what is asked for."""
        shown = {name: self._shown(name) for name in [*asked.fields, *_also(asked)]} | other
        if asked.wants_file:
            return str(self.upload(asked.type, shown, next(self.scans))["sid"])
        made = self.papers.supporting_documents.create(friendly_name=asked.type, type=asked.type, attributes=shown)
        return str(made.sid)

    def upload(self, kind: str, shown: dict[str, Any], scan: Scan) -> dict[str, Any]:
        """A new paper with its file; as the API shows it."""
        form = {"FriendlyName": kind, "Type": kind, "Attributes": json.dumps(shown)}
        return self._send(DOCUMENTS, form, scan, expected=201)

    def upload_again(self, sid: str, scan: Scan) -> dict[str, Any]:
        """Another file for a paper that there is."""
        return self._send(f"{DOCUMENTS}/{sid}", {}, scan, expected=200)

    def assign(self, bundle: Any, *sids: str) -> None:
        """Put things into a bundle."""
        for sid in sids:
            self.papers.bundles(bundle.sid).item_assignments.create(object_sid=sid)

    def evaluate(self, bundle: Any) -> Any:
        """Ask what the rules say of it."""
        return self.papers.bundles(bundle.sid).evaluations.create()

    def submit(self, bundle: Any) -> Any:
        """Hand it in."""
        return self.papers.bundles(bundle.sid).update(status="pending-review")

    def status(self, bundle: Any) -> str:
        """As it now is."""
        return str(self.papers.bundles(bundle.sid).fetch().status)

    def filled(self, regulation: Any, **settings: Any) -> Any:
        """A bundle that nothing is missing from."""
        bundle = self.bundle(regulation, **settings)
        sids = [self.paper(each) for each in self.asked(regulation)]
        self.assign(bundle, self.end_user(regulation).sid, *sids)
        return bundle

    def _constraints(self, regulation: Any) -> dict[str, dict[str, Any]]:
        url = f"{self._origin}/v2/RegulatoryCompliance/Regulations/{regulation.sid}?IncludeConstraints=true"
        ours = json.loads(self.client.request("GET", url).text)["numberyard"]["constraints"]
        return {each["requirement_name"]: each for each in ours["documents"]}

    def _shown(self, name: str) -> Any:
        return [self.address] if name == "address_sids" else self.who.tell(name)

    def _send(self, path: str, form: dict[str, str], scan: Scan, *, expected: int) -> dict[str, Any]:
        answer = httpx.post(
            f"{self._origin}/numbers-upload{path}",
            data=form,
            files={"File": (scan.name, scan.content, scan.mime_type)},
            auth=(self.client.username, self.client.password),
            timeout=PATIENCE,
        )
        assert answer.status_code == expected, answer.text
        body: dict[str, Any] = answer.json()
        return body


def _asked(requirement: dict[str, Any], constraints: dict[str, Any]) -> Asked:
    first, ours = requirement["accepted_documents"][0], constraints["accepted"][0]
    merged = {**constraints, **ours}
    return Asked(requirement["requirement_name"], first["type"], first["fields"], merged)


def _also(asked: Asked) -> Iterator[str]:
    """What the paper must show beyond its fields, since a constraint is about it."""
    if asked.constraints["max_age_months"]:
        yield "issue_date"
    if asked.constraints["issuing_country"]:
        yield "issuing_country"
