from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "desk"
    verbose_name = _("Operators' tools")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from desk.card import wiring as card
        from desk.files import wiring as files
        from desk.notes import wiring as notes
        from desk.ratings import reports, services
        from desk.replies import wiring as replies
        from desk.wrap_up import wiring as wrap_up
        from queueing.history.privacy.extensions import forgotten_by
        from queueing.reports import extensions

        wrap_up.connect()
        notes.connect()
        card.connect()
        files.connect()
        replies.connect()
        forgotten_by(services.forget_comments)
        extensions.add(reports.EXTENSION)
