"""AvailablePhoneNumbers: the shop window (contract 2.2, 2.3)."""
