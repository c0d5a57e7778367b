"""Raw SQL against what the database promises of bundles and of what they hold, whatever Python thinks."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from compliance.lifecycle import EDITABLE, PAIRS, WAITING, BundleState
from compliance.models import (
    Address,
    Bundle,
    BundleEntry,
    EndUser,
    Evaluation,
    ItemAssignment,
    NamedAddress,
    Regulation,
    RegulationVersion,
    Rulebook,
    SupportingDocument,
)
from tests.architecture import rows
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DocumentFactory,
    EndUserFactory,
    RegulationVersionFactory,
    advanced,
)

pytestmark = pytest.mark.django_db

FROZEN = [state for state in BundleState if state not in EDITABLE]


def run(sql: str, *parameters: str | int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refused(sql: str, *parameters: str | int | None) -> None:
    """By a trigger: pgtrigger's own raise plain exceptions, ours integrity violations."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        run(sql, *parameters)
    assert refusal.value.__cause__.sqlstate in ("P0001", "23000")  # type: ignore[union-attr]  # psycopg's own error


def update(row: Model, to: str) -> tuple[str, int]:
    """SQL that sets something of the row, and its parameter."""
    return f"UPDATE {row._meta.db_table} SET {to} WHERE id = %s", int(row.pk)  # noqa: S608 - our own words


def assign(
    bundle: Bundle, item: EndUser | SupportingDocument, brought_from: Bundle | None = None
) -> tuple[str, str, int, int, int | None]:
    """SQL that puts the item in the bundle, and its parameters."""
    column = "end_user_id" if isinstance(item, EndUser) else "document_id"
    sid = "BV" + item.sid[2:]
    sql = f"INSERT INTO compliance_itemassignment (sid, bundle_id, {column}, brought_from_id, requirement_name)"
    return sql + " VALUES (%s, %s, %s, %s, '')", sid, bundle.pk, item.pk, brought_from.pk if brought_from else None


@pytest.mark.parametrize("source", BundleState)
@pytest.mark.parametrize("target", BundleState)
def test_a_bundle_moves_only_along_its_lifecycle(source: BundleState, target: BundleState) -> None:
    bundle: Bundle = BundleFactory.create(state=source)
    version = RegulationVersionFactory.create(regulation=bundle.regulation)
    due = "now()" if target in WAITING else "NULL"
    move = update(bundle, f"state = '{target}', due_at = {due}, approved_under_id = {version.pk}")
    if source == target or (source.value, target.value) in PAIRS:
        run(*move)
    else:
        refused(*move)


@pytest.mark.parametrize("state", [state for state in BundleState if state != BundleState.DRAFT])
def test_a_bundle_begins_as_a_draft(state: BundleState) -> None:
    bundle: Bundle = BundleFactory.create(state=state)
    columns = [str(field.column) for field in Bundle._meta.local_concrete_fields if not field.primary_key]
    values = ["'BU' || repeat('f', 32)" if column == "sid" else column for column in columns]
    again = f"INSERT INTO compliance_bundle ({', '.join(columns)}) SELECT {', '.join(values)}"
    refused(f"{again} FROM compliance_bundle WHERE id = %s", bundle.pk)


def members(bundle: Bundle) -> list[Address | EndUser | SupportingDocument]:
    """An item of each kind, and what a paper refers to."""
    papers = SupportingDocument.objects.filter(assignments__bundle=bundle)
    return [
        papers.get(),
        EndUser.objects.get(assignments__bundle=bundle),
        Address.objects.get(documents__in=papers),
    ]


@pytest.mark.parametrize("state", BundleState)
@pytest.mark.parametrize("change", ["revision = revision + 1", "deleted_at = now()"])
def test_what_is_judged_or_was_approved_stays_as_it_was(state: BundleState, change: str) -> None:
    for member in members(BundleFactory.create(state=state)):
        if state in EDITABLE:
            run(*update(member, change))
        else:
            refused(*update(member, change))


@pytest.mark.parametrize("state", FROZEN)
def test_the_keys_of_what_is_judged_may_change_all_the_same(state: BundleState) -> None:
    for member in members(BundleFactory.create(state=state)):
        run(*update(member, "friendly_name = 'the same name, under another key', updated_at = now()"))


def test_a_paper_that_is_in_no_bundle_any_more_is_free() -> None:
    bundle = BundleFactory.create()
    paper = members(bundle)[0]
    run("UPDATE compliance_itemassignment SET ended_at = now() WHERE document_id = %s", paper.pk)
    advanced(bundle, BundleState.IN_REVIEW)
    run(*update(paper, "revision = revision + 1"))


def test_papers_of_a_deleted_bundle_are_free() -> None:
    bundle = BundleFactory.create(approved=True)
    run(*update(bundle, "deleted_at = now()"))
    for member in members(bundle):
        run(*update(member, "revision = revision + 1"))


def test_a_paper_in_two_bundles_is_held_by_the_one_that_is_judged() -> None:
    paper = DocumentFactory.create()
    for state in (BundleState.DRAFT, BundleState.IN_REVIEW):
        BundleFactory.create(account=paper.account, state=state, items=[paper])
    refused(*update(paper, "revision = revision + 1"))


@pytest.mark.parametrize("state", BundleState)
def test_items_come_and_go_only_while_nobody_judges(state: BundleState) -> None:
    bundle = BundleFactory.create(state=state)
    paper = DocumentFactory.create(account=bundle.account)
    leave = "UPDATE compliance_itemassignment SET ended_at = now() WHERE end_user_id IS NOT NULL AND bundle_id = %s"
    attempt = run if state in EDITABLE else refused
    attempt(*assign(bundle, paper))
    attempt(leave, bundle.pk)


def test_nothing_is_put_in_a_deleted_bundle() -> None:
    bundle = BundleFactory.create()
    run(*update(bundle, "deleted_at = now()"))
    refused(*assign(bundle, DocumentFactory.create(account=bundle.account)))


@pytest.mark.parametrize("state", BundleState)
def test_items_of_an_approved_bundle_are_replaced_from_an_approved_copy_only(state: BundleState) -> None:
    bundle = BundleFactory.create(approved=True)
    copy = BundleFactory.create(account=bundle.account, copied_from=bundle, state=state)
    paper = DocumentFactory.create(account=bundle.account)
    attempt = run if state == BundleState.APPROVED else refused
    attempt(*assign(bundle, paper, brought_from=copy))
    attempt("UPDATE compliance_itemassignment SET ended_at = now() WHERE bundle_id = %s", bundle.pk)


def test_items_are_not_brought_from_somebody_elses_copy() -> None:
    bundle, stranger = BundleFactory.create_batch(2, approved=True)
    BundleFactory.create(account=bundle.account, copied_from=bundle, approved=True)
    other = BundleFactory.create(account=stranger.account, copied_from=stranger, approved=True)
    refused(*assign(bundle, DocumentFactory.create(account=bundle.account), brought_from=other))


def test_a_bundle_holds_items_of_its_own_account_only() -> None:
    bundle = BundleFactory.create(items=[])
    refused(*assign(bundle, EndUserFactory.create()))
    refused(*assign(bundle, DocumentFactory.create()))
    run(*assign(bundle, EndUserFactory.create(account=bundle.account)))


APPENDED: dict[type[Model], tuple[rows.Make, str]] = {
    BundleEntry: (rows.bundle_entry, "reason = 'never happened'"),
    Evaluation: (rows.evaluation, "compliant = true"),
}


@pytest.mark.parametrize("model", APPENDED)
def test_what_was_written_down_is_neither_changed_nor_deleted(model: type[Model]) -> None:
    make, change = APPENDED[model]
    row = make()
    refused(*update(row, change))
    refused(f"DELETE FROM {model._meta.db_table} WHERE id = %s", row.pk)  # noqa: S608 - our own words


LASTING: dict[type[Model], rows.Make] = {
    Bundle: rows.bundle,
    ItemAssignment: rows.assigned_document,
    Regulation: rows.regulation,
    RegulationVersion: rows.regulation_version,
    Rulebook: rows.rulebook,
}


@pytest.mark.parametrize("model", LASTING)
def test_what_others_refer_to_is_not_deleted_and_keeps_its_id(model: type[Model]) -> None:
    row = LASTING[model]()
    refused(f"DELETE FROM {model._meta.db_table} WHERE id = %s", row.pk)  # noqa: S608 - our own words
    refused(*update(row, "id = id + 1000000"))


IDENTITY = [
    (rows.address, ["sid", "account_id", "iso_country"]),
    (rows.end_user, ["sid", "account_id", "type"]),
    (rows.document, ["sid", "account_id", "type"]),
    (rows.bundle, ["sid", "account_id", "regulation_id", "is_test", "copied_from_id"]),
    (rows.assigned_document, ["sid", "bundle_id", "document_id", "brought_from_id"]),
]
OTHERWISE = {
    "sid": "left(sid, 2) || repeat('f', 32)",
    "iso_country": "'FR'",
    "type": "'individual'",
    "is_test": "true",
    "copied_from_id": "id",
    "brought_from_id": "bundle_id",
}


@pytest.mark.parametrize(("make", "column"), [(make, column) for make, columns in IDENTITY for column in columns])
def test_what_a_row_is_and_whose_it_is_never_changes(make: rows.Make, column: str) -> None:
    refused(*update(make(), f"{column} = {OTHERWISE.get(column, f'{column} + 1')}"))


CONTENT = ["country = 'FR'", "version = 2", "snapshot_date = now()", "digest = 'f'", "document = '[]'"]


@pytest.mark.parametrize("change", [*CONTENT, "loaded_at = now() - interval '1 day'"])
def test_the_text_of_a_rulebook_stays(change: str) -> None:
    refused(*update(_not_in_force(rows.rulebook()), change))


def test_a_rulebook_comes_into_force_once() -> None:
    book = _not_in_force(rows.rulebook())
    activation = "effective_from = '2026-01-01', activated_at = now(), activated_by = 'user:lead'"
    run(*update(book, activation))
    refused(*update(book, activation.replace("lead", "other")))
    refused(*update(book, "effective_from = '2025-01-01'"))
    refused(*update(book, "effective_from = NULL, activated_at = NULL, activated_by = ''"))


def _not_in_force(book: Rulebook) -> Rulebook:
    return Rulebook.objects.create(
        country=book.country, version=9, snapshot_date=book.snapshot_date, digest="9" * 64, document={}
    )


def test_an_address_belongs_to_the_bundles_of_every_paper_that_names_it() -> None:
    address = AddressFactory.create(account=AccountFactory.create())
    BundleFactory.create(account=address.account, address=address, approved=True)
    DocumentFactory.create(account=address.account, addresses=[address])
    refused(*update(address, "revision = revision + 1"))


def test_a_paper_names_addresses_of_its_own_account_only() -> None:
    paper, stranger = DocumentFactory.create(), AddressFactory.create()
    own = AddressFactory.create(account=paper.account)
    into = "INSERT INTO compliance_supportingdocument_addresses (supportingdocument_id, address_id) VALUES (%s, %s)"
    run(into, paper.pk, own.pk)
    refused(into, paper.pk, stranger.pk)
    for change in (f"address_id = {stranger.pk}", f"supportingdocument_id = {DocumentFactory.create().pk}"):
        refused(*update(NamedAddress.objects.get(address=own), change))
