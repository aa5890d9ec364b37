"""Addresses of sign-in and sessions; the pages are those of the admin site."""

from django.urls import path

from accounts.web import views

urlpatterns = [
    path("admin/otp/request", views.otp_request, name="otp-request"),
    path("admin/otp/verify", views.otp_verify, name="otp-verify"),
    path("admin/session/revoke", views.session_revoke, name="session-revoke"),
    path("admin/session", views.session_status, name="session-status"),
]
