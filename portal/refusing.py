"""What a service refused, as a customer reads it."""

from compliance import refusals as of_compliance
from compliance.unmet import Unmet
from compliance.vault.words import in_words as file_in_words

_OF_FILES = (
    of_compliance.UnacceptableFile,
    of_compliance.UnreadableUpload,
    of_compliance.InfectedFile,
    of_compliance.ScannerUnavailable,
    of_compliance.VaultUnavailable,
    of_compliance.DamagedFile,
    of_compliance.ErasedFile,
)


def in_words(refusal: Exception) -> str:
    """In the language that is spoken now. Of papers that are missing for a number: what to do, each thing once; the
    sentence is for programs."""
    if isinstance(refusal, Unmet):
        return " ".join(dict.fromkeys(each.hint for each in refusal.all))
    return file_in_words(str(refusal)) if isinstance(refusal, _OF_FILES) else str(refusal)
