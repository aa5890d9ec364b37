"""Addresses of the two sockets."""

from django.urls import path

from signaling.roles.customer import CustomerRole
from signaling.roles.endpoint import Endpoint
from signaling.roles.operator import OperatorRole

websocket_urlpatterns = [
    path("ws/customer/", Endpoint.as_asgi(role=CustomerRole)),
    path("ws/operator/", Endpoint.as_asgi(role=OperatorRole)),
]
