"""Who asks: the address behind proxies, what it may see, and how often it may ask."""
