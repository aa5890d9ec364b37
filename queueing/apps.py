from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class QueueingConfig(AppConfig):
    name = "queueing"
    verbose_name = _("Queue and conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from infra.redis.client import register_errors
        from notifications import browsers, private_chats
        from notifications.content import letters
        from notifications.models import Kind
        from notifications.telling import recipients
        from queueing import said, staffing
        from queueing.callbacks import chats, devices
        from queueing.callbacks import letters as callback_letters
        from queueing.errors import MESSAGES
        from queueing.history.callback_models import Callback
        from queueing.history.privacy import extensions
        from queueing.history.recording import callbacks as history
        from sites.line_models import Line, Member

        register_errors(MESSAGES)
        for model in (Line, Member):
            for signal in (post_save, post_delete):
                signal.connect(staffing.changed, sender=model, dispatch_uid=f"queueing.{model.__name__}")
        recipients.ask_who_serves(staffing.serves)
        letters.written_by(Kind.TRANSCRIPT, said.letter_of)
        letters.written_by(Kind.CALLBACK, callback_letters.letter_of)
        letters.written_by(Kind.CALLBACK_KEPT, callback_letters.kept_letter_of)
        browsers.kept_by(Kind.CALLBACK, devices.Called())
        private_chats.kept_by(Kind.CALLBACK, chats.CALLS)
        private_chats.kept_by(Kind.CALLBACK_KEPT, chats.CONFIRMATIONS)
        extensions.forgotten_by(history.forget)
        extensions.exported_by(history.exported, Callback)
