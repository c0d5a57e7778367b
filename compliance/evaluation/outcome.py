"""What an evaluation found. No text in here ever holds a value of the customer's: they are personal data."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.rulebook.catalogue import Reason, catalogue


class Code(StrEnum):
    """The reasons of stage `evaluation`; their words and Twilio's codes stand in rejection_reasons.yaml."""

    END_USER_TYPE_NOT_AVAILABLE = "end_user_type_not_available"
    REGULATION_NOT_CONFIRMED = "regulation_not_confirmed"
    END_USER_MISSING = "end_user_missing"
    END_USER_FIELD_MISSING = "end_user_field_missing"
    DOCUMENT_MISSING = "document_missing"
    DOCUMENT_FIELD_MISSING = "document_field_missing"
    DOCUMENT_FIELD_MISMATCH = "document_field_mismatch"
    ADDRESS_MISSING = "address_missing"
    DOCUMENT_TYPE_NOT_ACCEPTED = "document_type_not_accepted"
    DOCUMENT_FILE_MISSING = "document_file_missing"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_TOO_OLD = "document_too_old"
    DOCUMENT_ISSUE_DATE_IN_FUTURE = "document_issue_date_in_future"
    DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED = "document_issuing_country_not_accepted"
    ADDRESS_WRONG_COUNTRY = "address_wrong_country"
    ADDRESS_OUT_OF_AREA = "address_out_of_area"
    ADDRESS_IN_COUNTRY_NOT_ALLOWED = "address_in_country_not_allowed"
    PO_BOX_NOT_ALLOWED = "po_box_not_allowed"
    POSTAL_CODE_MISSING = "postal_code_missing"
    POSTAL_CODE_INVALID = "postal_code_invalid"
    ADDRESS_FIELD_MISSING = "address_field_missing"
    INVALID_BIRTH_DATE = "invalid_birth_date"
    INVALID_EMAIL = "invalid_email"
    INVALID_PHONE_NUMBER = "invalid_phone_number"
    INVALID_NATIONALITY = "invalid_nationality"
    INVALID_ENUM_VALUE = "invalid_enum_value"
    INVALID_URL = "invalid_url"
    INVALID_VAT_NUMBER = "invalid_vat_number"
    INVALID_REGISTRATION_NUMBER = "invalid_registration_number"
    INVALID_FISCAL_NUMBER = "invalid_fiscal_number"

    @property
    def reason(self) -> Reason:
        """Its entry of the catalogue."""
        return catalogue().reasons[self]


class NoteCode(StrEnum):
    """What is no failure. Of the flags a person must look; the others are warnings."""

    IDENTIFIER_DOUBTFUL = "identifier_doubtful"
    AREA_NOT_KNOWN = "area_not_known"
    SCOPE_NOT_KNOWN = "scope_not_known"
    CASE_DIFFERS = "case_differs"
    UNLISTED_DIFFERS = "unlisted_differs"
    MIXED_SCRIPTS = "mixed_scripts"
    ACCEPTED_LIST_GENERIC = "accepted_list_generic"
    ADDRESS_ON_PAPER = "address_on_paper"
    ISSUING_COUNTRY_NOT_GIVEN = "issuing_country_not_given"
    SIDES = "sides"
    CONDITIONAL_DOCUMENTS = "conditional_documents"
    PHONE_NOT_MOBILE = "phone_not_mobile"
    FIELD_NOT_LISTED = "field_not_listed"
    PAPER_SERVES_NOTHING = "paper_serves_nothing"
    REQUIREMENT_NOT_KNOWN = "requirement_not_known"


_WORDS = {
    NoteCode.IDENTIFIER_DOUBTFUL: _("The identifier does not have the usual form or check digits of the country"),
    NoteCode.AREA_NOT_KNOWN: _("Which area the number belongs to is not known: compare the town of the address"),
    NoteCode.SCOPE_NOT_KNOWN: _("Where the address must lie is not confirmed"),
    NoteCode.CASE_DIFFERS: _("The paper and the end user differ in upper and lower case only"),
    NoteCode.UNLISTED_DIFFERS: _("The paper differs from a detail of the end user that the regulation does not list"),
    NoteCode.MIXED_SCRIPTS: _("Letters of two alphabets stand in one word: it may not be what it looks like"),
    NoteCode.ACCEPTED_LIST_GENERIC: _("The source asks for a kind of proof only, the list of accepted papers is ours"),
    NoteCode.ADDRESS_ON_PAPER: _("The address on the paper must equal the address record"),
    NoteCode.ISSUING_COUNTRY_NOT_GIVEN: _("The country that issued the paper must be one that is accepted"),
    NoteCode.SIDES: _("The paper must be shown whole"),
    NoteCode.CONDITIONAL_DOCUMENTS: _("More papers may be needed"),
    NoteCode.PHONE_NOT_MOBILE: _("A mobile number of the end user's own is wanted"),
    NoteCode.FIELD_NOT_LISTED: _("The regulation does not list this detail, and it is not looked at"),
    NoteCode.PAPER_SERVES_NOTHING: _("No requirement needs this paper"),
    NoteCode.REQUIREMENT_NOT_KNOWN: _("The requirement that this paper is for does not exist here"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """A soft finding. `requirement_name`, `object_sid` and `field` are blank where they say nothing."""

    code: NoteCode
    requirement_name: str = ""
    object_sid: str = ""
    field: str = ""
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        words = str(_WORDS[self.code])
        return f"{words}: {self.detail}." if self.detail else f"{words}."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value: the reason, and what is wanted here.

    `unusable`: the name of what was given and cannot be used; of it the reason's own words ("is missing", "fails its
    checksum") would not be true.
    """

    code: Code
    detail: str = ""
    unusable: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        if self.unusable:
            said = gettext("%(what)s cannot be used as it was given: %(why)s.")
            return said % {"what": self.unusable, "why": self.detail}
        return self.code.reason.sentence(self.detail)

    @property
    def hint(self) -> str:
        """How it is mended."""
        return gettext("Correct it.") if self.unusable else gettext(self.code.reason.how_to_fix)


class _Judged:
    """What has a fault, or none."""

    __slots__ = ()
    fault: Fault | None

    @property
    def code(self) -> Code | None:
        """The reason of its fault."""
        return self.fault.code if self.fault else None

    @property
    def twilio_code(self) -> int | None:
        """Twilio's error code of its fault, where there is one."""
        return self.fault.code.reason.twilio_code if self.fault else None

    @property
    def sentence(self) -> str:
        """Its fault in words; blank: it has none."""
        return self.fault.sentence if self.fault else ""

    @property
    def hint(self) -> str:
        """How the fault is mended."""
        return self.fault.hint if self.fault else ""


@dataclass(frozen=True, slots=True)
class Finding(_Judged):
    """One field, and its fault; None: it is valid. `part`: of an address, the part that is at fault."""

    field: str
    friendly_name: str
    fault: Fault | None = None
    part: str = ""
    object_sid: str = ""  # of the address, where the field is one


@dataclass(frozen=True, slots=True)
class Result(_Judged):
    """One requirement. `fault`: that of the object as a whole (it is missing, not accepted, without its file)."""

    requirement_name: str
    requirement_friendly_name: str
    object_type: str
    object_friendly_name: str
    object_sid: str | None = None
    fault: Fault | None = None
    valid: tuple[Finding, ...] = ()
    invalid: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether neither the object nor a field of it is at fault."""
        return self.fault is None and not self.invalid


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its reasons. `flags`: a person must look; `warnings`: the customer should know."""

    results: tuple[Result, ...] = ()
    flags: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()

    @property
    def compliant(self) -> bool:
        """Whether every requirement is met."""
        return all(result.passed for result in self.results)

    @property
    def confirmed(self) -> bool:
        """Whether the rules are known; where not, nothing was evaluated and an operator decides."""
        return all(result.code != Code.REGULATION_NOT_CONFIRMED for result in self.results)

    @property
    def hard_passed(self) -> bool:
        """Whether nothing is left for a person to look at: the condition of automatic approval."""
        return self.compliant and not self.flags
