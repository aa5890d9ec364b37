"""Where customers choose a time, and what they do with it; and the operators' agenda."""

from django.urls import path, re_path

from appointments import agenda, views
from appointments.models import ID_FORM

urlpatterns = [
    path("times/", views.choose, name="appointments"),
    re_path(rf"^times/(?P<pk>{ID_FORM})/$", views.appointment, name="appointment"),
    re_path(rf"^times/(?P<pk>{ID_FORM})/device/$", views.device, name="appointment-device"),
    re_path(rf"^times/(?P<pk>{ID_FORM})/invite\.ics$", views.calendar, name="appointment-calendar"),
    path("admin/console/agenda/", agenda.agenda, name="console-agenda"),
]
