"""What is known of people: exported, erased on demand, and gone by itself when its time is over."""
