"""Search of the stock: what the customer asks (`criteria`), which index answers it (`plan`, `digits`), the statement
(`sql`), and the page of numbers (`stock`). docs/search.md has the table of paths and what they cost."""
