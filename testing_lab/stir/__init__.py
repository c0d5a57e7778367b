"""STIR/SHAKEN: the signed caller identity of a call (RFC 8224, RFC 8225, ATIS-1000074)."""
