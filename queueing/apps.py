from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QueueingConfig(AppConfig):
    name = "queueing"
    verbose_name = _("Queue and conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from infra.redis.client import register_errors
        from queueing.errors import MESSAGES

        register_errors(MESSAGES)
