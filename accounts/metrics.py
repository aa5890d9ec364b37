"""What accounts counts."""

from prometheus_client import Counter

LOCKOUT_REASONS = ("failed_codes", "address_limit", "admin_limit", "request_limit")

lockouts = Counter("lockouts", "Times that sign-in was refused to somebody for a while, by reason.", ["reason"])
for _reason in LOCKOUT_REASONS:
    lockouts.labels(_reason)
