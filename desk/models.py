"""The tables, where Django looks for them; each is defined in the package that it belongs to."""

from desk.replies.models import CannedReply as CannedReply
