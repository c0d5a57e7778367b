"""Every dependency has its reason, and what is installed is what we chose."""

import re
import tomllib

import pytest

from tests.architecture.sizes import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
DEV: list[str] = PROJECT["dependency-groups"]["dev"]


def name(requirement: str) -> str:
    """`Django[argon2]==5.2` -> `django` (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def pins(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return {name(package): version for package, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def test_each_dependency_has_one_line_that_says_why() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([^`]+)` \| \S", page, re.MULTILINE)
    assert sorted(explained) == sorted(name(requirement) for requirement in [*RUNTIME, *DEV])


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEV])
def test_a_dependency_is_pinned_to_one_version(requirement: str) -> None:
    assert re.search(r"==\d[\w.]*$", requirement)


@pytest.mark.parametrize(
    ("file", "requirements"), [("requirements.txt", RUNTIME), ("requirements-dev.txt", RUNTIME + DEV)]
)
def test_the_locked_files_have_the_versions_that_we_chose(file: str, requirements: list[str]) -> None:
    locked = pins(file)
    chosen = {name(requirement): requirement.split("==")[1] for requirement in requirements if "==" in requirement}
    assert {package: locked.get(package) for package in chosen} == chosen


def test_what_the_tests_run_on_is_what_runs() -> None:
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {package: dev.get(package) for package in runtime} == runtime


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-pip.txt"])
def test_each_locked_package_has_a_hash(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert packages
    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []
