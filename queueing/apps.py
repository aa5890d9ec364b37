from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QueueingConfig(AppConfig):
    name = "queueing"
    verbose_name = _("Queue and conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from infra.redis.client import register_errors
        from notifications.content import letters
        from notifications.models import Kind
        from queueing import said
        from queueing.errors import MESSAGES

        register_errors(MESSAGES)
        letters.written_by(Kind.TRANSCRIPT, said.letter)
