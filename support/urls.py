"""All addresses."""

from django.conf import settings
from django.urls import include, path

from accounts.web.admin_site import site
from queueing.reports import views as reports
from support.http import maintenance, push, views
from support.http.assets import front_door, installable
from support.http.customer import called, chat, customer_page, give_up, site_preview
from support.ops import metrics
from support.texts import pages

handler400 = "support.http.errors.bad_request"
handler403 = "support.http.errors.permission_denied"
handler404 = "support.http.errors.page_not_found"
handler500 = "support.http.errors.server_error"

urlpatterns = [
    path("", customer_page.hosted, name="customer"),
    path("turn/", customer_page.hosted, name="turn"),
    path("turn/sw.js", called.worker, name="turn-worker"),
    path("turn/offline/", called.offline, name="turn-offline"),
    path("widget/", customer_page.widget, name="widget"),
    path("embed.js", views.embed_script, name="embed"),
    path("site.js", customer_page.site_module, name="site-module"),
    path("chat/", chat.chat, name="chat"),
    path("chat/transcript.txt", chat.transcript, name="chat-transcript"),
    path("chat/mail/", chat.mail, name="chat-mail"),
    path("chat/rating/", chat.rating, name="chat-rating"),
    path("chat/place/", chat.place, name="chat-place"),
    path("chat/callback/", chat.callback, name="chat-callback"),
    path("chat/callback/telegram/", chat.callback_start, name="chat-callback-telegram"),
    path("give-up/<str:conversation>/", give_up.give_up, name="give-up"),
    path("texts/<slug:part>/<slug:code>.<slug:digest>.json", pages.texts, name="texts"),
    path("robots.txt", front_door.robots, name="robots"),
    path("favicon.ico", front_door.favicon, name="favicon"),
    path(".well-known/security.txt", front_door.security_txt, name="security-txt"),
    path("metrics", metrics.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/console/", views.console, name="console"),
    path("admin/console.webmanifest", installable.manifest, name="console-manifest"),
    path("admin/sw.js", installable.worker, name="console-worker"),
    path("admin/offline/", installable.offline, name="console-offline"),
    path("admin/push/", push.view, name="push"),
    path("admin/reports/", reports.page, name="reports"),
    path("admin/reports/daily.csv", reports.daily_csv, name="reports-daily"),
    path("admin/reports/conversations.csv", reports.conversations_csv, name="reports-conversations"),
    path("admin/maintenance/", maintenance.page, name="maintenance"),
    path("admin/open/", views.open_link, name="open"),
    path("admin/open/<path:target>", views.open_link, name="open-target"),
    path("admin/sites/site/preview/", site_preview.preview, name="site-preview"),
    path("", include("accounts.web.urls")),
    path("", include("bot.urls")),
    path("", include("desk.urls")),
    path("", include("messages_left.urls")),
    path("", include("appointments.urls")),
    path("", include("sites.urls")),
    path("admin/", site.urls),
]

if settings.DJANGO_ENV == "development":
    urlpatterns.insert(0, path("demo/", customer_page.demo, name="demo"))
