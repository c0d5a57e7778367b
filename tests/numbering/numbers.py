"""Numbers to try the plan with: near the examples of every region and type, and quite arbitrary ones."""

import phonenumbers
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberFormat, PhoneNumberType

EXAMPLES = sorted(
    {
        phonenumbers.format_number(example, PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in PhoneNumberType.values()
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    }
)


@st.composite
def near_examples(draw: st.DrawFn) -> int:
    """An example number with its last digits changed, 7 to 15 digits."""
    text = draw(st.sampled_from([example for example in EXAMPLES if len(example) > 7]))[1:]
    kept = len(text) - draw(st.integers(0, min(6, len(text) - 4)))
    return int(text[:kept] + draw(st.text("0123456789", min_size=len(text) - kept, max_size=len(text) - kept)))


@st.composite
def any_digits(draw: st.DrawFn) -> int:
    """An assigned country code and any digits behind it, 7 to 15 in all."""
    code = str(draw(st.sampled_from(sorted(COUNTRY_CODE_TO_REGION_CODE))))
    return int(code + draw(st.text("0123456789", min_size=7 - len(code), max_size=15 - len(code))))


e164_digits = near_examples() | any_digits()
