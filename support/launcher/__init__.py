"""`make run`: a whole stack on one machine, from an empty folder, with nothing but Python."""
