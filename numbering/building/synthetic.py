"""Rate centres and LATAs for the US and Canada: made up, because the real assignments (LERG) are licensed.

Both are marked `synthetic` on every row. They serve the shape of the search parameters, not routing or rating.
"""

from numbering.naming import normalise

# SAMPLE table, not the real assignments: one LATA per state or province. The codes start with 0, which no real
# LATA does, so that nobody can take one for real.
_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY "
    "NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AB BC MB NB NL NS NT NU ON PE QC SK YT"
)
SAMPLE_LATAS = {state: f"0{number:02}" for number, state in enumerate(_STATES.split(), start=1)}


def lata(state_of_area_code: str) -> str:
    """The sample LATA of an area code, by the state or province that libphonenumber gives for that code."""
    return SAMPLE_LATAS[state_of_area_code]


def rate_centre(name: str) -> str:
    """Ten capital letters at most, as rate centres are written: "San Francisco" -> "SANFRANCIS"."""
    letters = normalise(name).encode("ascii", "ignore").decode().replace(" ", "")
    return letters.upper()[:10]
