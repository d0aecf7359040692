"""What stands on the organisation's own pages and feeds: items, page documents, feeds."""
