"""What is asked of the API and reaches none of its views: JSON all the same, since nobody there reads HTML."""

import re

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

from api.errors import body, why_suspicious

#: Below the roots of our own API and of Twilio's others, however many slashes a client put before them.
PATHS = r"^/*(2010-04-01|inventory/v1|lab/v1|compliance/v1|(numbers-upload/)?v[1-3])(\W[\s\S]*)?$"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's answer to what it won't pass on (`handler400`): a Host that is not ours, a length that is none."""
    if not re.match(PATHS, request.path_info):
        return defaults.bad_request(request, exception)
    content = body(20001, why_suspicious(exception))
    return JsonResponse(content, status=content["status"])
