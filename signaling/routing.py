"""Addresses of the two sockets."""

from django.urls import path

from signaling.consumers.customer import CustomerConsumer
from signaling.consumers.operator import OperatorConsumer

websocket_urlpatterns = [
    path("ws/customer/", CustomerConsumer.as_asgi()),
    path("ws/operator/", OperatorConsumer.as_asgi()),
]
