"""What a restock night proposes, explained to who decides about it, and decided in one go."""
