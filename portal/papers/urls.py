"""`/papers/…`: the form. What was filed is told of by the room `filed`."""

from django.urls import path, re_path

from portal.papers import addresses, begin, documents, steps, you

_BUNDLE = r"^/(?P<sid>BU[0-9a-f]{32})"
_PAPER = rf"{_BUNDLE}/documents/(?P<name>[a-z0-9_]+)"
urlpatterns = [
    path("/new", begin.new, name="papers-new"),
    re_path(rf"{_BUNDLE}/(?P<step>where|you|addresses|documents|check)$", steps.step, name="papers-step"),
    re_path(rf"{_BUNDLE}/you/look$", you.look, name="papers-look"),
    re_path(rf"{_BUNDLE}/addresses/look$", addresses.look, name="papers-address-look"),
    re_path(rf"{_PAPER}$", documents.give, name="papers-give"),
    re_path(rf"{_PAPER}/look$", documents.look, name="papers-paper-look"),
    re_path(rf"{_PAPER}/reuse$", documents.reuse, name="papers-reuse"),
    re_path(rf"{_PAPER}/out$", documents.take_out, name="papers-take-out"),
    re_path(rf"{_BUNDLE}/take-back$", steps.take_back, name="papers-take-back"),
]
