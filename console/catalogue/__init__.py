"""What the console shows of providers' catalogues."""
