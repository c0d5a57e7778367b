"""The page of the evaluation says what the code says, and the evaluation leans on nothing."""

import re
import subprocess
import sys

from compliance.evaluation.outcome import NoteCode
from tests.architecture.sizes import ROOT


def test_every_flag_and_warning_has_its_line() -> None:
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)
    outcome = {"results", "compliant", "confirmed", "flags", "warnings", "hard_passed"}
    assert sorted(told) == sorted([*NoteCode, *outcome])


def test_it_needs_neither_settings_nor_models() -> None:
    code = (
        "import sys; from compliance.evaluation import evaluate; from django.conf import settings;"
        "assert not settings.configured;"
        "assert not [name for name in sys.modules if name.endswith('.models') and 'django' not in name]"
    )
    environment = {"PATH": "", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
