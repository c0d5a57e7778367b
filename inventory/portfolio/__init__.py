"""What an account has: its numbers in service, and those it gave back and may still take back. Read only."""
