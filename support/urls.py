"""All addresses."""

from django.conf import settings
from django.urls import include, path

from accounts.web.admin_site import site
from queueing.reports import views as reports
from support.http import chat, front_door, maintenance, views
from support.ops import metrics
from support.texts import pages

handler400 = "support.http.errors.bad_request"
handler403 = "support.http.errors.permission_denied"
handler404 = "support.http.errors.page_not_found"
handler500 = "support.http.errors.server_error"

urlpatterns = [
    path("", views.customer_page, name="customer"),
    path("widget/", views.widget, name="widget"),
    path("embed.js", views.embed_script, name="embed"),
    path("chat/", chat.chat, name="chat"),
    path("chat/transcript.txt", chat.transcript, name="chat-transcript"),
    path("chat/mail/", chat.mail, name="chat-mail"),
    path("texts/<slug:part>/<slug:code>.<slug:digest>.json", pages.texts, name="texts"),
    path("robots.txt", front_door.robots, name="robots"),
    path("favicon.ico", front_door.favicon, name="favicon"),
    path(".well-known/security.txt", front_door.security_txt, name="security-txt"),
    path("metrics", metrics.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/console/", views.console, name="console"),
    path("admin/reports/", reports.page, name="reports"),
    path("admin/reports/daily.csv", reports.daily_csv, name="reports-daily"),
    path("admin/reports/conversations.csv", reports.conversations_csv, name="reports-conversations"),
    path("admin/maintenance/", maintenance.page, name="maintenance"),
    path("admin/open/", views.open_link, name="open"),
    path("admin/open/<path:target>", views.open_link, name="open-target"),
    path("", include("accounts.web.urls")),
    path("", include("bot.urls")),
    path("", include("desk.urls")),
    path("admin/", site.urls),
]

if settings.DJANGO_ENV == "development":
    urlpatterns.insert(0, path("demo/", views.demo, name="demo"))
