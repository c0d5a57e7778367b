"""Two people at one bundle at the same moment: one clean outcome each, whoever comes first."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState, IllegalBundleMove
from compliance.models import Bundle, EndUser, ItemAssignment, SupportingDocument
from compliance.refusals import AlreadyAssigned, BeingReviewed, ItemsFrozen, NotCompliant
from compliance.services import bundles, items, transition
from tests.api.bundles.irish import irish_bundle, irish_end_user, irish_paper
from tests.api.test_races import at_once
from tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 4
REFUSED = (IllegalBundleMove, NotCompliant, ItemsFrozen, AlreadyAssigned, BeingReviewed, Bundle.DoesNotExist)


def outcome(verb: Callable[[], object]) -> str:
    """ "done", or the name of the refusal. Anything else is raised: it would be a 500."""
    try:
        verb()
    except REFUSED as refusal:
        return type(refusal).__name__
    return "done"


def raced(*verbs: Callable[[], object]) -> list[str]:
    return at_once([partial(outcome, verb) for verb in verbs])


@pytest.fixture
def account(transactional_db: None) -> Account:
    row: Account = AccountFactory.create()
    return row


def submit(bundle: Bundle) -> Bundle:
    return bundles.submit(bundle, actor="account:test")


def is_sound(bundle: Bundle) -> bool:
    """Whoever was first: what is waiting was complete when it was handed in, and is as it was then."""
    now = Bundle.objects.get(pk=bundle.pk)
    if now.state != BundleState.PENDING_REVIEW:
        return True
    last = now.evaluations.latest("pk")
    judged = {result["object_sid"] for result in last.results}
    live = now.items.filter(ended_at=None)
    held = {*live.values_list("end_user__sid", flat=True), *live.values_list("document__sid", flat=True)}
    return last.compliant and judged <= held


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_submits_one_hands_it_in(_round: int, account: Account) -> None:
    bundle = irish_bundle(account)
    results = raced(*[partial(submit, bundle)] * 3)
    assert sorted(results) == ["IllegalBundleMove", "IllegalBundleMove", "done"]
    assert bundle.ledger.filter(verb="submit").count() == 1 == bundle.evaluations.count()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_item_is_taken_out_while_somebody_submits(_round: int, account: Account) -> None:
    bundle = irish_bundle(account)
    paper = bundle.items.get(end_user=None)
    results = raced(partial(submit, bundle), partial(items.remove, item=paper))
    assert results in (["done", "ItemsFrozen"], ["NotCompliant", "done"])
    assert is_sound(bundle)


def broken(end_user: EndUser) -> None:
    """A change as `end_users.change` makes it: under the lock of the row, refused by the trigger where it is frozen."""
    with transaction.atomic():
        locked = EndUser.objects.select_for_update(no_key=True).get(pk=end_user.pk)
        locked.attributes, locked.revision = {}, locked.revision + 1
        try:
            with transaction.atomic():
                locked.save(update_fields=["attributes", "revision"])
        except IntegrityError as error:
            raise ItemsFrozen(str(locked)) from error


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_end_user_changes_while_somebody_submits(_round: int, account: Account) -> None:
    bundle = irish_bundle(account)
    end_user = EndUser.objects.get()
    results = raced(partial(submit, bundle), partial(broken, end_user))
    assert results in (["done", "ItemsFrozen"], ["NotCompliant", "done"])
    complete = bool(EndUser.objects.get().attributes)
    assert complete == (results[0] == "done")


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_bundles_with_the_same_items_are_submitted_at_once(_round: int, account: Account) -> None:
    shared = [irish_end_user(account), irish_paper(account), irish_paper(account)]
    both = [irish_bundle(account, items=shared), irish_bundle(account, items=shared[::-1])]
    assert raced(*(partial(submit, bundle) for bundle in both)) == ["done", "done"]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_recall_meets_a_reviewers_claim(_round: int, account: Account) -> None:
    bundle, reviewer = irish_bundle(account, BundleState.PENDING_REVIEW), UserFactory.create()
    claim = partial(transition.move, bundle, "claim", actor="user:r", claimed_by=reviewer, due_at=timezone.now())
    results = raced(partial(bundles.recall, bundle, actor="account:test"), claim)
    assert sorted(results) == ["IllegalBundleMove", "done"]
    ended = Bundle.objects.get().state
    assert ended == (BundleState.DRAFT if results[0] == "done" else BundleState.IN_REVIEW)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_bundle_is_deleted_while_somebody_submits(_round: int, account: Account) -> None:
    bundle = irish_bundle(account)
    results = raced(partial(bundles.delete, bundle, actor="account:test"), partial(submit, bundle))
    assert results in (["done", "DoesNotExist"], ["BeingReviewed", "done"])


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_end_users_are_assigned_at_once(_round: int, account: Account) -> None:
    bundle = irish_bundle(account, items=[])
    both = [irish_end_user(account), irish_end_user(account)]
    results = raced(*(partial(items.assign, bundle=bundle, object_sid=one.sid) for one in both))
    assert sorted(results) == ["AlreadyAssigned", "done"]
    assert ItemAssignment.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_same_item_is_taken_out_twice(_round: int, account: Account) -> None:
    bundle = irish_bundle(account)
    item = bundle.items.get(end_user=None)

    def remove() -> None:
        try:
            items.remove(item=item)
        except ItemAssignment.DoesNotExist as gone:
            raise Bundle.DoesNotExist from gone

    assert sorted(raced(remove, remove)) == ["DoesNotExist", "done"]


def test_a_deletion_waits_for_a_purchase_that_hangs_a_number_on_the_bundle(account: Account) -> None:
    """Who hangs a number on a bundle locks it (FOR SHARE at least); so the deletion sees the number, or is seen."""
    bundle = irish_bundle(account, BundleState.APPROVED)
    with transaction.atomic():
        transition.locked(bundle)
        assert at_once([partial(_locked_out, bundle)]) == ["locked"]


def _locked_out(bundle: Bundle) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM compliance_bundle WHERE id = %s FOR SHARE SKIP LOCKED", [bundle.pk])
        return "locked" if cursor.rowcount == 0 else "free"


def test_papers_of_a_bundle_in_review_stay_though_somebody_goes_around_the_service(account: Account) -> None:
    bundle = irish_bundle(account, BundleState.IN_REVIEW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemAssignment.objects.create(bundle=bundle, document=irish_paper(account))
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportingDocument.objects.filter(assignments__bundle=bundle).update(revision=99)
