"""`/papers/…`: the form. What was filed is told of by the room `filed`."""

from django.urls import path, re_path

from portal.papers import begin, steps

_BUNDLE = r"^/(?P<sid>BU[0-9a-f]{32})"
urlpatterns = [
    path("/new", begin.new, name="papers-new"),
    re_path(rf"{_BUNDLE}/(?P<step>where|you|addresses|documents|check)$", steps.step, name="papers-step"),
    re_path(rf"{_BUNDLE}/take-back$", steps.take_back, name="papers-take-back"),
]
