"""The address that Telegram calls; the pages are those of the admin site."""

from django.urls import path

from notifications import views

urlpatterns = [path("telegram/webhook/", views.webhook, name="telegram-webhook")]
