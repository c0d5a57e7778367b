"""What is kept is English, and nobody's language becomes somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.utils import translation

from numbering.languages import in_english


def test_what_a_function_says_is_english_and_its_caller_speaks_on_as_before() -> None:
    @in_english()
    def spoken() -> str:
        return translation.get_language()

    with translation.override("de"):
        assert (spoken(), translation.get_language()) == ("en-gb", "de")


def test_threads_that_are_inside_together_keep_their_own_languages() -> None:
    german_is_in, english_is_out = Barrier(2, timeout=10), Barrier(2, timeout=10)

    @in_english()
    def inside(*meetings: Barrier) -> None:
        for each in meetings:
            each.wait()

    def left_with(language: str, *meetings: Barrier, last: Barrier | None = None) -> str:
        with translation.override(language):
            inside(*meetings)
            left = translation.get_language()
        if last:
            last.wait()
        return left

    with ThreadPoolExecutor(2) as threads:
        german = threads.submit(left_with, "de", german_is_in, english_is_out)
        english = threads.submit(left_with, "en-gb", german_is_in, last=english_is_out)
        assert (german.result(), english.result()) == ("de", "en-gb")
