"""Messages of the lab over SMPP 3.4: the link to an SMSC, alphabets, receipts, concatenation. Pure asyncio."""
