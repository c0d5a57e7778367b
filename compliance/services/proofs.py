"""Which addresses a bundle's papers prove: one of these a number that hangs on it must have."""

from compliance.models import Bundle
from compliance.rulebook.rules import DocumentRequirement, NumberTypeRules
from compliance.services import rulebooks


def shown_addresses(bundle: Bundle) -> set[str] | None:
    """SIDs of the addresses that the bundle proves; None: it is not about addresses.

    Where the regulation says which papers show the address, only those count: a passport that happens to name one
    proves nothing.
    """
    wanted = _address_requirements(bundle)
    papers = bundle.items.filter(ended_at=None, document__isnull=False).exclude(document__addresses=None)
    rows = papers.values_list("requirement_name", "document__type", "document__addresses__sid")
    shown = {sid for name, paper, sid in rows if not wanted or _proves(name, paper, wanted)}
    return shown if wanted or shown else None


def _address_requirements(bundle: Bundle) -> list[DocumentRequirement]:
    """Of the rules that it was approved under, or else that are in force: what asks for a paper with an address."""
    about = bundle.regulation
    version = bundle.approved_under or rulebooks.in_force(about)
    rules = rulebooks.rules_of(version).of(about.number_type) if version else NumberTypeRules(about.number_type)
    asked_for = rules.of(about.end_user_type).documents if rules.enforced else ()
    return [each for each in asked_for if any("address_sids" in paper.fields for paper in each.accepted)]


def _proves(requirement: str, document_type: str, wanted: list[DocumentRequirement]) -> bool:
    meant = [each for each in wanted if requirement in ("", each.requirement_name)]
    papers = [paper for each in meant if (paper := each.accepting(document_type))]
    return any("address_sids" in paper.fields for paper in papers)
