"""The SMSC: an SMPP 3.4 server, its store of messages, and the faults of messages."""
