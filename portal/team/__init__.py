"""Who acts for an account: its members, what each may do, and who is invited."""
