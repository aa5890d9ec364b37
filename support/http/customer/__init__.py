"""What the customer's page is made of and asks for, and the pages that its messages lead to."""
