"""How many queries each request to bundles costs, pinned with those of the other resources."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from compliance.models import Bundle
from compliance.services import evaluations
from tests.api.bundles.conftest import BUNDLES
from tests.api.bundles.irish import irish_bundle, irish_end_user, irish_paper, running_out
from tests.api.conftest import Caller
from tests.api.test_query_counts import compare

Request = Callable[[Caller, Bundle], object]


def _assign(ada: Caller, bundle: Bundle) -> object:
    return ada.post(f"{BUNDLES}/{bundle.sid}/ItemAssignments", {"ObjectSid": irish_paper(bundle.account).sid})


REQUESTS: dict[str, Request] = {
    "GET Bundles": lambda ada, bundle: ada.get(BUNDLES),
    "GET Bundles by ValidUntilDate": lambda ada, bundle: ada.get(
        BUNDLES, {"ValidUntilDate>": "2020-01-01", "SortBy": "valid-until"}
    ),
    "GET Bundles/{sid}": lambda ada, bundle: ada.get(f"{BUNDLES}/{bundle.sid}"),
    "POST Bundles": lambda ada, bundle: ada.post(
        BUNDLES, {"FriendlyName": "n", "Email": "a@example.com", "RegulationSid": bundle.regulation.sid}
    ),
    "POST Bundles/{sid} by Status": lambda ada, bundle: ada.post(
        f"{BUNDLES}/{bundle.sid}", {"Status": "pending-review"}
    ),
    "GET ItemAssignments": lambda ada, bundle: ada.get(f"{BUNDLES}/{bundle.sid}/ItemAssignments"),
    "POST ItemAssignments": _assign,
    "GET Evaluations": lambda ada, bundle: ada.get(f"{BUNDLES}/{bundle.sid}/Evaluations"),
    "POST Evaluations": lambda ada, bundle: ada.post(f"{BUNDLES}/{bundle.sid}/Evaluations"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_query_count_is_as_pinned(name: str, ada: Caller, account: Account) -> None:
    for _ in range(3):
        running_out(account)
    papers = [irish_paper(account) for _ in range(4)]
    bundle = irish_bundle(account, items=[irish_end_user(account), *papers])
    for _ in range(3):
        evaluations.run(bundle)  # which also warms what a process remembers of the rules
    with CaptureQueriesContext(connection) as captured:
        answer = REQUESTS[name](ada, bundle)
    assert getattr(answer, "status_code", 0) < 300
    compare(name, sum(1 for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))))
