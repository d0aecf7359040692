"""One module a family of pages: its views, and its addresses in `urlpatterns`."""
