"""What needs somebody, and telling them: by email, Teams or Slack, once a cause."""
