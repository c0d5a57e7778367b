"""What countries ask and what customers give: /v2/RegulatoryCompliance. Each resource has a folder of its own."""
