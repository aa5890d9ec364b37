"""Addresses of the two sockets."""

from django.urls import path

from signaling.roles.customer import CustomerConsumer
from signaling.roles.operator import OperatorConsumer

websocket_urlpatterns = [
    path("ws/customer/", CustomerConsumer.as_asgi()),
    path("ws/operator/", OperatorConsumer.as_asgi()),
]
