"""`/cart`."""

from django.urls import path

from portal.cart import views

urlpatterns = [
    path("", views.cart, name="cart"),
    path("/reserve", views.reserve, name="reserve"),
    path("/buy", views.buy, name="cart-buy"),
    path("/bought", views.bought, name="cart-bought"),
    path("/<str:sid>/extend", views.extend, name="cart-extend"),
    path("/<str:sid>/put-back", views.put_back, name="cart-put-back"),
]
