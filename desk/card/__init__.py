"""The customer card: what is known of whom one talks with, and their earlier conversations."""
