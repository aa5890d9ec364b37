from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppointmentsConfig(AppConfig):
    """Times that customers have chosen, at which their turn is."""

    name = "appointments"
    verbose_name = _("Appointments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from appointments import devices, keeping, letter
        from appointments.models import Appointment
        from notifications import browsers
        from notifications.content import letters
        from notifications.models import Kind
        from queueing.history.privacy import extensions

        letters.written_by(Kind.APPOINTMENT, letter.letter)
        browsers.kept_by(Kind.APPOINTMENT, devices.Reminded())
        extensions.forgotten_by(keeping.forget)
        extensions.found_by(keeping.found)
        extensions.exported_by(keeping.exported, Appointment)
