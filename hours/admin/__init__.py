"""Opening hours in the admin."""

from hours.admin.page import OpeningHoursAdmin as OpeningHoursAdmin
