"""The staff's half: a reviewer at the console's own pages."""

import re
from collections.abc import Mapping

from django.test import Client

from accounts.models import User
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from compliance.services import decisions

QUEUE = "/console/compliance/bundle/"


class Desk:
    """A reviewer who is signed in."""

    def __init__(self, user: User) -> None:
        self._browser = Client()
        self._browser.force_login(user)

    def approve(self, sid: str) -> BundleState:
        """Claim a bundle, find nothing wrong, decide; what comes of it."""
        return self.decide(sid, {})

    def decide(self, sid: str, reasons: Mapping[str, Mapping[str, str]], **decision: str) -> BundleState:
        """Claim a bundle, judge what has no verdict yet, decide, and let the half minute pass in which that could be
        taken back. `reasons`: of what is rejected, by item SID."""
        page = self._page(sid)
        self._do(page, "claim")
        for item in self._open_items(page):
            wrong = reasons.get(item)
            self._do(page, "judge", item=item, verdict="reject" if wrong else "approve", **wrong or {})
        self._do(page, "decide", decision="decide", **decision)
        bundle = Bundle.objects.get(sid=sid)
        decisions.carry_out(bundle.held_decisions.get(ended_at=None).pk)
        bundle.refresh_from_db()
        return BundleState(bundle.state)

    def items_to_judge(self, sid: str) -> list[str]:
        """Claim a bundle; SIDs of the items that still need a verdict."""
        page = self._page(sid)
        self._do(page, "claim")
        return self._open_items(page)

    def _page(self, sid: str) -> str:
        """The address of its pages, found as people find it: by searching."""
        shown = self._browser.get(QUEUE, {"q": sid}).content.decode()
        (pk,) = set(re.findall(rf"{QUEUE}(\d+)/change/", shown))
        return f"{QUEUE}{pk}/"

    def _open_items(self, page: str) -> list[str]:
        """Those whose card says so."""
        shown = self._browser.get(f"{page}change/").content.decode()
        cards = re.findall(r'id="(BV[0-9a-f]{32})" tabindex(.*?)</section>', shown, re.DOTALL)
        return [sid for sid, card in cards if "to be judged" in card]

    def _do(self, page: str, deed: str, **given: str) -> str:
        answer = self._browser.post(f"{page}{deed}/", given, follow=True)
        shown = answer.content.decode()
        assert answer.status_code == 200
        assert "Nothing was done" not in shown, shown
        return shown
