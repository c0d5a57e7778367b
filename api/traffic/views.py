"""Bulk delivery of traffic events. Telling the same again is harmless, so no request needs an Idempotency-Key."""

from rest_framework.request import Request
from rest_framework.response import Response

from api import concurrency
from api.parameters import Parameter, read, text
from api.traffic.body import MOST_BYTES, NdjsonParser, lines
from api.views import OfTheOperator
from inventory.traffic.feeding import feed_in, ndjson

AT_ONCE = 3  # requests: events are counted in one place, so more would only wait there
LONGEST_S = 600  # a full delivery takes seconds; on a busy database perhaps minutes
FEED = Parameter(
    "Feed", "feed", text(40, min_length=1), required=True, help="Whose events these are: their ids are unique in it."
)


class TrafficEvents(OfTheOperator):
    """Takes what a feed tells: a JSON object on each line. 429 while others are being taken: come again."""

    parser_classes = [NdjsonParser]

    def longest_body(self, request: Request) -> int | None:
        return MOST_BYTES

    def post(self, request: Request) -> Response:
        feed = read([FEED], request.query_params)["feed"]
        self.leases.enter_context(
            concurrency.one_of(AT_ONCE, "deliveries of traffic events", "traffic", lease_s=LONGEST_S)
        )
        report = feed_in(ndjson(lines(request)), feed=feed)
        refusals = [refused._asdict() for refused in report.refusals]
        return Response({"feed": feed, **report.counts(), "refusals": refusals})
