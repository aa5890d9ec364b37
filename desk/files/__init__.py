"""Files that customers and operators send each other."""
