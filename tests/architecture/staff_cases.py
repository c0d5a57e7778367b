"""What must not become of what is kept of the staff: constraint and spoilt row, for `test_constraints`."""

from accounts.models import RoleChange
from compliance.models import SightRequest
from tests.architecture import rows
from tests.architecture.spoiling import Again, Change


def role_change() -> RoleChange:
    return RoleChange.objects.create(user=rows.user(), by=rows.user(), after=["viewer"], reason="new here")


def sight_request() -> SightRequest:
    return SightRequest.objects.create(document=rows.document(), asked_by=rows.user(), reason="customer", note="case 7")


LETS = "granted = true, decided_at = now(), decided_by_id"
CASES: list[tuple[str, Change | Again]] = [
    ("role_change_by_another", Again(role_change, {"by_id": "user_id"})),
    ("role_change_for_a_reason", Again(role_change, {"reason": "''"})),
    ("sight_request_for_a_known_reason", Again(sight_request, {"reason": "'whim'"})),
    ("sight_request_outside_a_review", Again(sight_request, {"reason": "'review'"})),
    ("sight_request_noted", Again(sight_request, {"reason": "'person'", "note": "''"})),
    ("sight_request_decided_by_another", Change(sight_request, f"{LETS} = asked_by_id")),
    ("sight_request_decided_whole", Change(sight_request, "granted = true")),
    ("sight_request_one_open", Again(sight_request)),
    ("grant_let_by_a_second_person", Again(rows.grant, {"takes_two": "true"})),
    ("role_change_of_known_roles", Again(role_change, {"after": "'{owner}'"})),
]
