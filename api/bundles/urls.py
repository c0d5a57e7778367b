"""Routes of the bundles."""

from django.urls import path

from api.bundles import content, twins, views

BUNDLES = "v2/RegulatoryCompliance/Bundles"
ONE = f"{BUNDLES}/<bundle_sid:bundle_sid>"

urlpatterns = [
    path(BUNDLES, views.Bundles.as_view()),
    path(f"{BUNDLES}/<bundle_sid:sid>", views.OneBundle.as_view()),
    path(f"{ONE}/ItemAssignments", content.Items.as_view()),
    path(f"{ONE}/ItemAssignments/<item_sid:sid>", content.OneItem.as_view()),
    path(f"{ONE}/Evaluations", content.Evaluations.as_view()),
    path(f"{ONE}/Evaluations/<evaluation_sid:sid>", content.OneEvaluation.as_view()),
    path(f"{ONE}/Copies", twins.Copies.as_view()),
    path(f"{ONE}/ReplaceItems", twins.ReplaceItems.as_view()),
    path(f"{ONE}/Clones", twins.Clones.as_view()),
]
