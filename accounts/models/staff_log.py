"""What staff did, with the reason: Django's own log of the admin, which the database lets only grow."""

from django.contrib.admin.models import LogEntry

from numbering.models.stays import append_only


class StaffLog(LogEntry):
    """The same rows. A migration of ours adds the indexes that the audit log reads them by."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = append_only("log_entries")
