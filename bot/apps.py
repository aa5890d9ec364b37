from django.apps import AppConfig


class BotConfig(AppConfig):
    """The bot as operators talk to it: presses of Accept come in by a webhook or by polling."""

    name = "bot"
