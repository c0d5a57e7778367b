"""Routes of the supporting documents."""

from django.urls import path

from api.regulatory.documents import views

urlpatterns = [
    path("SupportingDocuments", views.Documents.as_view()),
    path("SupportingDocuments/<document_sid:sid>", views.OneDocument.as_view()),
]
