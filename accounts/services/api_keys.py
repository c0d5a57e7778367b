"""What happens to an API key after it was issued."""

from accounts.models import ApiKey


def rename(*, key: ApiKey, friendly_name: str = "") -> ApiKey:
    """Give the key another name; none given, it keeps its own."""
    key.friendly_name = friendly_name or key.friendly_name
    key.save(update_fields=["friendly_name", "updated_at"])
    return key


def revoke(*, key: ApiKey) -> None:
    """The key signs nothing from now on."""
    key.delete()
