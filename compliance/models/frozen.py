"""What a bundle was judged by stays as it was: what it holds changes only while it is a draft or was rejected.

The ciphertext of an unchanged text changes with every rotation of keys, so what counts is `revision`, which the
services raise with each change of the content. Whoever submits a bundle locks its items (FOR SHARE) before it is
evaluated; whoever changes an item locks that row first, so that this trigger sees what the other one has committed.
"""

import pgtrigger

_CHECK = """
IF EXISTS (
    SELECT FROM compliance_itemassignment AS assignment
    JOIN compliance_bundle AS bundle ON bundle.id = assignment.bundle_id
    WHERE assignment.{column} = {meant} AND assignment.ended_at IS NULL
    AND bundle.deleted_at IS NULL AND bundle.state NOT IN ('draft', 'rejected')
) THEN
    RAISE integrity_constraint_violation USING
        MESSAGE = format('%s is part of a bundle that is being reviewed or was approved', NEW.sid),
        CONSTRAINT = 'frozen_in_bundles';
END IF;
RETURN NEW;
"""


def frozen_in_bundles(column: str, meant: str) -> pgtrigger.Trigger:
    """For a table of items, or of what they refer to: `column` of an item assignment is `meant` (SQL)."""
    return pgtrigger.Trigger(
        name="frozen_in_bundles",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("revision", "deleted_at"),  # type: ignore[no-untyped-call]  # pgtrigger types not all
        condition=pgtrigger.AnyChange("revision", "deleted_at"),
        func=_CHECK.format(column=column, meant=meant),
    )
