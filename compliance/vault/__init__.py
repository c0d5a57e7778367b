"""Documents at rest: what is let in, how it is kept, how it is forgotten. See docs/threat-model.md."""
