"""The roles of the staff, by name. What each may do in the console is the console's table (`console.roles`)."""

from django.db.models import TextChoices


class StaffRole(TextChoices):
    """The name of a group of Django's, and what such a person does."""

    VIEWER = "viewer", "looks at the stock, the lab and the rules, and changes nothing"
    OPERATOR = "operator", "runs the stock day by day"
    REVIEWER = "reviewer", "reviews what customers give to show who they are"
    LEAD = "lead", "operator and reviewer; decides on money and exceptions, and approves what asks for two"
    ADMIN = "admin", "lead; gives every role, exports and erases personal data"


#: Whom each role may make and unmake; the others nobody.
GIVES: dict[StaffRole, frozenset[StaffRole]] = {
    StaffRole.LEAD: frozenset({StaffRole.VIEWER, StaffRole.OPERATOR, StaffRole.REVIEWER}),
    StaffRole.ADMIN: frozenset(StaffRole),
}
