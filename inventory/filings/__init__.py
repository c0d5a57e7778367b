"""What the law wants to be told about numbers: made from the ledger, frozen, traceable to single numbers."""
