"""What programs sign their requests with: the account's SID, its auth token, its API keys."""
