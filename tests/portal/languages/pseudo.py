"""A language in which every word that can be translated stands in brackets: what stands outside of them can't be.

It takes the place of German, so that dates, numbers and names of countries are German. What a placeholder puts into a
sentence stands outside of the brackets of the sentence: it must be data, or bring brackets of its own.
"""

import re

OPENING, CLOSING = "⟦", "⟧"
CONTEXT_ENDS = "\x04"  # of a context for translators, by gettext's own rule
_PLACEHOLDER = re.compile(r"%\(\w+\)[-+#0-9.]*[a-z]|%[-+#0-9.]*[sdfr]|\{\w*\}")


class Pseudo:
    """Stands where Django keeps the catalogue of a language."""

    def gettext(self, message: str) -> str:
        """In brackets, but for the white space at both ends and the placeholders."""
        words = message.rpartition(CONTEXT_ENDS)[2]
        core = words.strip()
        if not core:
            return words
        opened = _PLACEHOLDER.sub(lambda found: f"{CLOSING}{found[0]}{OPENING}", core)
        return words.replace(core, f"{OPENING}{opened}{CLOSING}")

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The one or the other."""
        return self.gettext(singular if number == 1 else plural)

    def to_language(self) -> str:
        """The one whose place it takes."""
        return "de"
