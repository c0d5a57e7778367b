"""Providers' invoices: read from a file, kept line by line, and compared with what we had (docs/reconciliation.md)."""
