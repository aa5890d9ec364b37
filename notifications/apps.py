from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import failures, telegram  # models are loaded only now

        telegram.silence_library()
        failures.watch()
