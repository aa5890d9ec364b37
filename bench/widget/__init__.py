"""What the widget weighs, and how long a phone waits for it: see `__main__.py`."""
