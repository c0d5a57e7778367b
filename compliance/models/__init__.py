"""What the law and the providers' policies say, as versions of one file per country; and what customers give for it."""

from compliance.models.address import Address
from compliance.models.aging_rule import AgingRule, PreviousUse
from compliance.models.bundle import Bundle, BundleEntry
from compliance.models.bundle_view import BundleView
from compliance.models.decrypt_grant import DecryptGrant, DocumentView, Seen
from compliance.models.end_user import EndUser
from compliance.models.erasure import Erasure
from compliance.models.evaluation import Evaluation
from compliance.models.expiry_warning import ExpiryWarning
from compliance.models.held_decision import Decided, HeldDecision, HeldEnd
from compliance.models.item_assignment import ItemAssignment
from compliance.models.item_verdict import ItemVerdict
from compliance.models.legal_hold import LegalHold
from compliance.models.notice import Notice, NoticeKind
from compliance.models.number_type_rule import AddressRequirement, NumberTypeRule
from compliance.models.recheck import Recheck
from compliance.models.regulation import EndUserType, Regulation, RegulationVersion
from compliance.models.retention_policy import Clock, RetentionPolicy
from compliance.models.review_policy import ReviewPolicy
from compliance.models.rollout_policy import NumbersAtEnd, RolloutPolicy
from compliance.models.rulebook import Rulebook
from compliance.models.sight_reason import SightReason
from compliance.models.sight_request import SightRequest
from compliance.models.stored_file import StoredFile
from compliance.models.supporting_document import DocumentStatus, NamedAddress, SupportingDocument

__all__ = [
    "Address",
    "AddressRequirement",
    "AgingRule",
    "Bundle",
    "BundleEntry",
    "BundleView",
    "Clock",
    "Decided",
    "DecryptGrant",
    "DocumentStatus",
    "DocumentView",
    "EndUser",
    "EndUserType",
    "Erasure",
    "Evaluation",
    "ExpiryWarning",
    "HeldDecision",
    "HeldEnd",
    "ItemAssignment",
    "ItemVerdict",
    "LegalHold",
    "NamedAddress",
    "Notice",
    "NoticeKind",
    "NumberTypeRule",
    "NumbersAtEnd",
    "PreviousUse",
    "Recheck",
    "Regulation",
    "RegulationVersion",
    "RetentionPolicy",
    "ReviewPolicy",
    "RolloutPolicy",
    "Rulebook",
    "Seen",
    "SightReason",
    "SightRequest",
    "StoredFile",
    "SupportingDocument",
]
