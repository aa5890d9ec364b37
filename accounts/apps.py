"""The accounts app, and the admin with its own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Operators and sessions")
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from accounts import metrics  # noqa: F401 - known labels start at 0
        from accounts.access.roles import fill_groups
        from accounts.audit_log import from_elsewhere
        from accounts.recipients import active_operators
        from infra import audit
        from notifications.telling import recipients  # models are loaded only now

        post_migrate.connect(fill_groups, dispatch_uid="accounts.roles")
        recipients.register(active_operators)
        audit.register(from_elsewhere)


class AdminConfig(DjangoAdminConfig):
    """Instead of `django.contrib.admin`: signing in there is the one-time code."""

    default_site = "accounts.web.admin_site.OperatorAdminSite"
    default = False
