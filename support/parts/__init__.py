"""What pages fetch, made of plain sources: without comments, in few pieces (docs/adr/0018-weight-of-the-widget.md)."""
