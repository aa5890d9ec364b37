"""The address that Telegram calls; the pages are those of the admin site."""

from django.urls import path

from bot import webhook

urlpatterns = [path("telegram/webhook/", webhook.webhook, name="telegram-webhook")]
