"""The quarantine benchmark: numbers with a hidden past, made by seed; the engine beside fixed periods."""
