"""The tables, where Django looks for them; each is defined in the package that it belongs to."""

from queueing.blocklist.models import BlockEntry as BlockEntry
from queueing.history.callback_models import Callback as Callback
from queueing.history.fairness_models import FairnessEntry as FairnessEntry
from queueing.history.models import CallSample as CallSample
from queueing.history.models import ChatMessage as ChatMessage
from queueing.history.models import Conversation as Conversation
from queueing.history.models import ConversationEvent as ConversationEvent
from queueing.history.set_aside_models import SetAsideEntry as SetAsideEntry
