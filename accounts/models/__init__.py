"""What accounts keeps in the database: who may sign in, who is signed in, and what happened."""

from accounts.models.audit import AuditEvent
from accounts.models.operator import Operator
from accounts.models.session import OperatorSession

__all__ = ["AuditEvent", "Operator", "OperatorSession"]
