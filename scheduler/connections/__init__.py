"""What makes a channel publishable: settings, secrets, checks, sign-in and its renewal."""
