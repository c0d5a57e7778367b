"""Papers after they were begun: where they stand, what is to be corrected, and what of them serves again."""
