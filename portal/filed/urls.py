"""`/papers`: the list, one bundle, and what of it serves again."""

from django.urls import path

from portal.filed import address_book, deeds, documents, listing, looking, paths, people, status

paths.register()

ONE = "/<papers_bundle:sid>"
DOCUMENT = "/documents/<papers_document:sid>"
PERSON = "/people/<papers_person:sid>"
ADDRESS = "/addresses/<papers_address:sid>"

urlpatterns = [
    path("", listing.papers, name="papers"),
    path(ONE, status.status, name="papers-status"),
    path(f"{ONE}/mend/<papers_item:item_sid>", status.mend, name="papers-mend"),
    path(f"{ONE}/mend/<papers_item:item_sid>/look", looking.look, name="papers-mend-look"),
    path(f"{ONE}/news", status.news, name="papers-news"),
    path(f"{ONE}/submit", deeds.submit, name="papers-submit"),
    path(f"{ONE}/recall", deeds.recall, name="papers-recall"),
    path(f"{ONE}/reopen", deeds.reopen, name="papers-reopen"),
    path(f"{ONE}/copy", deeds.copy, name="papers-copy"),
    path(f"{ONE}/replace", deeds.replace, name="papers-replace"),
    path(f"{ONE}/clone", deeds.clone, name="papers-clone"),
    path(f"{ONE}/delete", deeds.delete, name="papers-delete"),
    path("/documents", documents.documents, name="papers-documents"),
    path(DOCUMENT, documents.document, name="papers-document"),
    path(f"{DOCUMENT}/delete", documents.delete, name="papers-document-delete"),
    path("/people", people.people, name="papers-people"),
    path(PERSON, people.person, name="papers-person"),
    path(f"{PERSON}/export", people.export_person, name="papers-person-export"),
    path(f"{PERSON}/erase", people.erase, name="papers-person-erase"),
    path(f"{PERSON}/delete", people.delete, name="papers-person-delete"),
    path("/addresses", address_book.addresses, name="papers-addresses"),
    path("/addresses/new", address_book.new, name="papers-address-new"),
    path(ADDRESS, address_book.address, name="papers-address"),
    path(f"{ADDRESS}/delete", address_book.delete, name="papers-address-delete"),
]
