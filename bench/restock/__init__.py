"""The restock engine against fixed thresholds and days of cover, in a simulated year of many kinds of demand."""
