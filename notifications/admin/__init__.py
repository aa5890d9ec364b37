"""Pages of Django's admin. Importing this registers them; Django does when it starts."""

from notifications.admin import pages as pages
