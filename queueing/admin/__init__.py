"""Pages of Django's admin. Importing this registers them; Django does when it starts."""

from queueing.admin import blocklist as blocklist
from queueing.admin import conversations as conversations
from queueing.admin import fairness as fairness
from queueing.admin import set_aside as set_aside
