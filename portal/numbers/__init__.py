"""What the account has: its numbers, their settings and papers, protecting them and giving them back."""
