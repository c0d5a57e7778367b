"""Every list of the console is read by keys, so that no page counts a table or reads what lies before it."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.test import RequestFactory

from accounts.models import User
from console.keyset import KeysetList, columns
from console.read_only import CappedPaginator

#: Ordered by what may be blank, or by another table: counted as far as `CEILING`, no further.
SMALL = {
    "compliance.bundle": "the reviewers' queue, by its deadlines, which most bundles don't have",
    "compliance.retentionpolicy": "rules, one for each country and clock, by day",
    "compliance.rulebook": "versions of the files of countries",
    "compliance.agingrule": "rules of countries, by day",
    "compliance.numbertyperule": "rules of countries, by day",
    "inventory.filing": "some for each quarter",
    "inventory.tariff": "prices: a kind of number, and its exceptions by provider",
    "inventory.invoice": "one for each provider and month",
    "inventory.feedday": "one for each day and feed",
    "inventory.supplyterms": "contracts: a kind of number at a provider",
    "testing_lab.incident": "outages",
    "testing_lab.limit": "limits of tests",
    "testing_lab.trunk": "our lines to carriers",
}
LISTS = [pytest.param(options, id=model._meta.label_lower) for model, options in admin.site._registry.items()]


@pytest.mark.parametrize("options", LISTS)
def test_a_list_is_read_by_keys_or_its_table_is_small(options: "ModelAdmin[Any]", db: None) -> None:
    request: Any = RequestFactory().get("/")
    request.user, request.session = User.objects.create_superuser("lists@example.com", "secret-enough-1"), {}
    shown: Any = options.get_changelist_instance(request)
    assert isinstance(shown, KeysetList)
    assert not shown.show_full_result_count
    keyed = columns(options.model, shown.queryset.query.order_by) is not None
    assert keyed is (options.opts.label_lower not in SMALL)
    assert keyed or issubclass(options.paginator, CappedPaginator)
