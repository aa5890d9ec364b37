"""What pages fetch of their site."""

from django.urls import re_path

from sites import views

COLOUR = "[0-9a-f]{6}"

urlpatterns = [
    re_path(r"^logos/(?P<digest>[0-9a-f]{16})\.webp$", views.logo, name="site-logo"),
    re_path(
        rf"^colours/(?P<light>{COLOUR})-(?P<dark>{COLOUR})-(?P<parts>head|plain)\.(?P<digest>[0-9a-f]{{8}})\.css$",
        views.colours,
        name="site-colours",
    ),
]
