"""Whatever is sent to a bundle, the answer is documented."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from tests.api.bundles.conftest import BUNDLES
from tests.api.bundles.irish import running_out
from tests.api.conftest import Caller
from tests.api.test_fuzz import FUZZ, VALUES, documented, undone

pytestmark = pytest.mark.django_db

NEAR = st.one_of(
    VALUES,
    st.sampled_from(
        [
            *(
                "pending-review",
                "draft",
                "twilio-approved",
                "IE",
                "local",
                "toll free",
                "business",
                "ASC",
                "valid-until",
            ),
            *("ada@example.com", '"a b"@example.com', "2027-01-01", "0000-00-00", "9999-12-31T23:59:59+23:59"),
            *("BU" + "0" * 32, "IT" + "0" * 32, "RD" + "f" * 32, "RN" + "0" * 32, "BU" + "0" * 32 + ","),
        ]
    ),
)
LISTING = [
    *("PageSize", "Page", "PageToken", "Status", "BundleSids", "FriendlyName", "RegulationSid", "IsoCountry"),
    *("NumberType", "EndUserType", "HasValidUntilDate", "ValidUntilDate", "ValidUntilDate<", "ValidUntilDate>"),
    *("SortBy", "SortDirection"),
]
MAKING = [
    *("FriendlyName", "Email", "StatusCallback", "RegulationSid", "IsoCountry", "NumberType", "EndUserType", "IsTest"),
]
BELOW = {
    "": ["Status", "FriendlyName", "Email", "StatusCallback"],
    "/ItemAssignments": ["ObjectSid", "RequirementName"],
    "/Evaluations": ["PhoneNumber"],
    "/Copies": ["FriendlyName"],
    "/ReplaceItems": ["FromBundleSid"],
    "/Clones": ["TargetAccountSid", "MoveToDraft", "FriendlyName"],
}


def forms(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), NEAR, max_size=5)


@pytest.fixture
def ending(account: Account) -> Bundle:
    bundle = running_out(account)
    assert bundle.state == BundleState.APPROVED
    return bundle


@FUZZ
@given(query=forms(LISTING))
def test_listing(ada: Caller, ending: Bundle, query: dict[str, Any]) -> None:
    documented(ada.get(BUNDLES, query))


@FUZZ
@given(form=forms(MAKING))
def test_making(ada: Caller, ending: Bundle, form: dict[str, Any]) -> None:
    with undone():
        documented(ada.post(BUNDLES, form))
        documented(ada.post(BUNDLES, {"FriendlyName": "n", "Email": "a@b.example", "RegulationSid": ending.sid} | form))


@FUZZ
@given(tail=st.sampled_from(sorted(BELOW)), draw=st.data())
def test_below_a_bundle(ada: Caller, ending: Bundle, tail: str, draw: st.DataObject) -> None:
    with undone():
        documented(ada.post(f"{BUNDLES}/{ending.sid}{tail}", draw.draw(forms(BELOW[tail]))))
        documented(ada.get(f"{BUNDLES}/{ending.sid}{tail}", draw.draw(forms(LISTING[:3]))))
