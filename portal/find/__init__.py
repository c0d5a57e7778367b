"""The shop window: numbers on sale, and what they can do."""
