"""What must not become of what is kept of the staff: constraint and spoilt row, for `test_constraints`."""

from accounts.models import RoleChange
from tests.architecture import rows
from tests.architecture.spoiling import Again, Change


def role_change() -> RoleChange:
    return RoleChange.objects.create(user=rows.user(), by=rows.user(), after=["viewer"], reason="new here")


CASES: list[tuple[str, Change | Again]] = [
    ("role_change_by_another", Again(role_change, {"by_id": "user_id"})),
    ("role_change_for_a_reason", Again(role_change, {"reason": "''"})),
    ("role_change_of_known_roles", Again(role_change, {"after": "'{owner}'"})),
]
