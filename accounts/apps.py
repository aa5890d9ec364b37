"""The accounts app, and the admin with its own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Operators and sessions")
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from accounts import metrics  # noqa: F401 - known labels start at 0
        from accounts.audit_log import from_elsewhere
        from accounts.recipients import active_operators
        from infra import audit
        from notifications import recipients  # models are loaded only now

        recipients.register(active_operators)
        audit.register(from_elsewhere)


class AdminConfig(DjangoAdminConfig):
    """Instead of `django.contrib.admin`: signing in there is the one-time code."""

    default_site = "accounts.web.admin_site.OperatorAdminSite"
    default = False
