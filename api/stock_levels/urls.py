"""Routes of the stock levels."""

from django.urls import path

from api.stock_levels import views

urlpatterns = [path("inventory/v1/StockLevels", views.StockLevels.as_view())]
