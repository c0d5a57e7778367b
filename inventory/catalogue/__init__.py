"""What providers list for sale, read again and again, and how much of it is true (docs/catalogue.md)."""
