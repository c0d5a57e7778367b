"""The statuses of bundles as the contract spells them (`bundle_enum_status`)."""

from collections.abc import Mapping
from typing import Literal

from compliance.lifecycle import BundleState

Status = Literal["draft", "pending-review", "in-review", "twilio-rejected", "twilio-approved", "provisionally-approved"]
STATUS_OF: Mapping[str, Status] = {
    BundleState.DRAFT: "draft",
    BundleState.PENDING_REVIEW: "pending-review",
    BundleState.IN_REVIEW: "in-review",
    BundleState.REJECTED: "twilio-rejected",
    BundleState.APPROVED: "twilio-approved",
    BundleState.PROVISIONALLY_APPROVED: "provisionally-approved",
}
