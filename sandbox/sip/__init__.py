"""The SIP trunk: a proxy (RFC 3261 16) with an RTP relay, and the faults of calls."""
