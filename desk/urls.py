"""What pages ask for over HTTP."""

from django.urls import path, re_path

from desk import day
from desk.card import views as card
from desk.files import views as files
from desk.floor import views as floor
from desk.notes import views as notes
from desk.replies import views as replies
from desk.wrap_up import admin as wrap_up_admin
from desk.wrap_up import views as wrap_up

FILE = r"(?P<pk>[A-Za-z0-9_-]{22})"

urlpatterns = [
    path("admin/console/day/", day.day, name="console-day"),
    path("admin/floor/", floor.page, name="floor"),
    path("admin/floor/live/", floor.live, name="floor-live"),
    path("admin/floor/act/", floor.act, name="floor-act"),
    path("files/", files.files, name="files"),
    re_path(rf"^files/{FILE}/$", files.file, name="file"),
    re_path(rf"^files/{FILE}/(?P<rendering>content|thumb)$", files.content, name="file-content"),
    re_path(rf"^admin/console/files/{FILE}/$", files.open_file, name="console-file"),
    re_path(rf"^admin/console/files/{FILE}/(?P<rendering>thumb)/$", files.open_file, name="console-file-thumb"),
    path("admin/console/replies/", replies.replies, name="console-replies"),
    path("admin/console/replies/<int:pk>/used/", replies.used, name="console-reply-used"),
    path("admin/console/wrap-up/<str:conversation>/", wrap_up.wrap_up, name="console-wrap-up"),
    path("admin/console/card/<str:conversation>/", card.card, name="console-card"),
    path("admin/console/notes/<str:conversation>/", notes.notes, name="console-notes"),
    path("admin/console/note/<int:pk>/", notes.note, name="console-note"),
    path("admin/desk/wrap-up/<str:conversation>/", wrap_up_admin.change_page, name="conversation-wrap-up"),
]
