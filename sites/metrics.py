"""What is counted of sites."""

from prometheus_client import Counter

answers_dropped = Counter("answers_dropped", "Answers of customers who joined that answer nothing their site asks.")
