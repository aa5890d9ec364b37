from django.apps import AppConfig
from django.conf import settings


class SignalingConfig(AppConfig):
    name = "signaling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from signaling import metrics

        metrics.know_turn_regions(server.region for server in settings.TURN_SERVERS)
