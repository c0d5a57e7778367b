"""Providers that speak Twilio's Phone Numbers API: Twilio, and above all another Numberyard (docs/providers.md)."""

from inventory.providers.twilio.adapter import TwilioProvider

__all__ = ["TwilioProvider"]
