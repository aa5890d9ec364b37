"""Where customers' pages leave messages and upload what belongs to them, and where the console reads them."""

from django.urls import path, re_path

from messages_left import console, views
from messages_left.attachments import views as attachments

urlpatterns = [
    path("admin/console/messages/", console.waiting, name="console-messages"),
    path("admin/console/messages/<str:pk>/take/", console.take, name="console-message-take"),
    path("messages/", views.message, name="messages"),
    path("messages/draft/", attachments.draft, name="message-draft"),
    path("messages/files/", attachments.upload, name="message-files"),
    re_path(
        r"^messages/files/(?P<pk>[0-9a-f]{32})/(?P<rendering>content|thumb)$",
        attachments.content,
        name="message-file-content",
    ),
]
