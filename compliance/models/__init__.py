"""What the law and the providers' policies say, as dated rows loaded from one file per country."""

from compliance.models.aging_rule import AgingRule, PreviousUse
from compliance.models.number_type_rule import AddressRequirement, NumberTypeRule

__all__ = ["AddressRequirement", "AgingRule", "NumberTypeRule", "PreviousUse"]
