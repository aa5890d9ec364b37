"""What tests and benches share: real processes, a page of ours in Python, browsers, and fakes of other services.

It imports neither of them."""
