"""The modules of python-stdnum that can check an identifier."""

import pkgutil
from functools import cache

import stdnum


@cache
def identifier_modules() -> frozenset[str]:
    """Names such as `stdnum.de.vat`. Only found, not imported: nothing of a country file decides what runs."""
    return frozenset(module.name for module in pkgutil.walk_packages(stdnum.__path__, "stdnum.") if not module.ispkg)
