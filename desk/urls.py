"""What the console asks for over HTTP."""

from django.urls import path

from desk.replies import views as replies

urlpatterns = [
    path("admin/console/replies/", replies.replies, name="console-replies"),
    path("admin/console/replies/<int:pk>/used/", replies.used, name="console-reply-used"),
]
