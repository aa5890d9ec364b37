from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Celery's shared tasks need the app of this process, also in web processes and commands.
        from support.celery import app

        app.set_default()
        from support.ops import metrics

        metrics.register()
