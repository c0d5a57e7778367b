"""`/numbers`."""

from django.urls import path

from portal.numbers import hanging, leaving, moving, together, views

urlpatterns = [
    path("numbers", views.numbers, name="numbers"),
    path("numbers/list.csv", views.as_csv, name="numbers-csv"),
    path("numbers/together", together.together, name="numbers-together"),
    path("numbers/<slug:sid>", views.number, name="number"),
    path("numbers/<slug:sid>/give-back", leaving.give_back, name="number-give-back"),
    path("numbers/<slug:sid>/take-back", leaving.take_back, name="number-take-back"),
    path("numbers/<slug:sid>/protect", leaving.protect, name="number-protect"),
    path("numbers/<slug:sid>/unprotect", leaving.unprotect, name="number-unprotect"),
    path("numbers/<slug:sid>/papers", hanging.change_papers, name="number-papers"),
    path("numbers/<slug:sid>/move", moving.move, name="number-move"),
    path("numbers/<slug:sid>/move/open-account", moving.open_account, name="number-move-open"),
]
