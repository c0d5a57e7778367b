"""What the API itself remembers."""

from api.models.idempotency import RememberedRequest

__all__ = ["RememberedRequest"]
