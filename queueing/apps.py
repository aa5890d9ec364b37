from django.apps import AppConfig


class QueueingConfig(AppConfig):
    name = "queueing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from infra.redis import register_errors
        from notifications import accepting
        from queueing.accept import accept
        from queueing.errors import MESSAGES

        register_errors(MESSAGES)
        accepting.register(accept)
