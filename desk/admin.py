"""The pages, where Django's admin looks for them."""

from desk.files import admin as files_admin
from desk.notes import admin as notes_admin
from desk.ratings import admin as ratings_admin
from desk.replies.admin import CannedReplyAdmin as CannedReplyAdmin
from desk.wrap_up import admin as wrap_up_admin

__all__ = ["CannedReplyAdmin", "files_admin", "notes_admin", "ratings_admin", "wrap_up_admin"]
