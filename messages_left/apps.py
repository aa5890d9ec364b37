from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesLeftConfig(AppConfig):
    """What customers leave where nobody can be reached, and what becomes of it."""

    name = "messages_left"
    verbose_name = _("Messages left")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from messages_left import keeping, letter, missed
        from messages_left.models import Attachment, Message, Reply
        from notifications.content import letters
        from notifications.models import Kind
        from queueing.history.privacy import extensions
        from queueing.history.recording import callbacks

        letters.written_by(Kind.REPLY, letter.letter)
        extensions.forgotten_by(keeping.forget, keeping.forget_person)
        extensions.exported_by(keeping.exported, Message, Reply, Attachment)
        extensions.typed_by(extensions.Typed(keeping.exported_of_mailbox, keeping.forget_mailbox))
        callbacks.missed_by(missed.keep)
