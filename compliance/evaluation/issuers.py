"""Which countries may have issued a paper."""

from functools import lru_cache

from compliance.rulebook.catalogue import catalogue

#: Member states of the European Union since 1 February 2020. Source: Treaty on European Union, article 52, without the
#: United Kingdom (Agreement on its withdrawal, OJ L 29, 31.1.2020). ISO codes: Greece is GR here, not EL.
EU_MEMBERS = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)


@lru_cache(maxsize=1_024)
def accepted_issuers(rule: str, country: str, document_type: str) -> frozenset[str]:
    """ISO codes of who may have issued a paper, by the rule of the country file: same, same_or_eu or a country.

    `same_or_eu`: in a member state of the EU the identity papers of every member state count.
    """
    if rule == "same":
        return frozenset({country})
    if rule != "same_or_eu":
        return frozenset({rule})
    about = catalogue().document_type(document_type)
    is_identity = about is not None and about.category == "identity"
    return EU_MEMBERS if is_identity and country in EU_MEMBERS else frozenset({country})
