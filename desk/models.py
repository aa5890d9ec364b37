"""The tables, where Django looks for them; each is defined in the package that it belongs to."""

from desk.files.models import File as File
from desk.notes.models import Note as Note
from desk.ratings.models import Rating as Rating
from desk.replies.models import CannedReply as CannedReply
from desk.replies.models import ReplyUse as ReplyUse
from desk.wrap_up.models import Outcome as Outcome
from desk.wrap_up.models import Tag as Tag
from desk.wrap_up.models import Tagging as Tagging
from desk.wrap_up.models import WrapUp as WrapUp
