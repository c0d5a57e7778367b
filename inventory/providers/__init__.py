"""Providers: one folder for each, behind the contract of `base`, named in settings.PROVIDER_ADAPTERS."""
