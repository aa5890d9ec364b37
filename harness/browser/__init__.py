"""People in front of our pages, in whichever browser."""
