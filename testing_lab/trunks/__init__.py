"""The trunks that the lab calls over, and how it behaves there: limits, quiet hours, watch, failover."""
