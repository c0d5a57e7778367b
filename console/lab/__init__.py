"""The lab as staff see it: measured values at their limits, who said what to whom, when each packet came."""
