"""The pages, where Django's admin looks for them."""

from desk.replies.admin import CannedReplyAdmin as CannedReplyAdmin
