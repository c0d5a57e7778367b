"""The MMSC: an MM4 door over SMTP, its messages and their faults."""
