"""All addresses."""

from django.conf import settings
from django.urls import include, path

from accounts.admin_site import site
from queueing import report_views
from support import front_door, maintenance, metrics, views

handler400 = "support.errors.bad_request"
handler403 = "support.errors.permission_denied"
handler404 = "support.errors.page_not_found"
handler500 = "support.errors.server_error"

urlpatterns = [
    path("", views.customer_page, name="customer"),
    path("widget/", views.widget, name="widget"),
    path("embed.js", views.embed_script, name="embed"),
    path("robots.txt", front_door.robots, name="robots"),
    path("favicon.ico", front_door.favicon, name="favicon"),
    path(".well-known/security.txt", front_door.security_txt, name="security-txt"),
    path("metrics", metrics.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/console/", views.console, name="console"),
    path("admin/reports/", report_views.page, name="reports"),
    path("admin/reports/daily.csv", report_views.daily_csv, name="reports-daily"),
    path("admin/reports/conversations.csv", report_views.conversations_csv, name="reports-conversations"),
    path("admin/maintenance/", maintenance.page, name="maintenance"),
    path("admin/open/", views.open_link, name="open"),
    path("admin/open/<path:target>", views.open_link, name="open-target"),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("admin/", site.urls),
]

if settings.DJANGO_ENV == "development":
    urlpatterns.insert(0, path("demo/", views.demo, name="demo"))
