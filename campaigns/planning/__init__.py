"""What is planned: campaigns, teams, channels, content of four kinds, and when each goes out where."""
