"""Where the country files are, and which files of the folder are countries."""

from pathlib import Path

COUNTRY_FILES = Path(__file__).resolve().parents[1] / "data" / "regulations"

#: What all countries share; see `compliance.rulebook.catalogue`.
COMMON_FILES = frozenset(
    f"{name}.yaml" for name in ("address_rules", "end_user_types", "rejection_reasons", "supporting_document_types")
)


def paths_of(folder: Path) -> list[Path]:
    """The country files of the folder, and what takes itself for one."""
    return sorted(path for path in folder.glob("*.yaml") if path.name not in COMMON_FILES)
