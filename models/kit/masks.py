"""Private values as lists and screens show them."""

from models.kit import id_number, phone
from models.kit.base import Record, facts
from models.kit.fields import Mask


def masked(mask: Mask | None, value: str | None) -> str:
    """The value with its middle hidden; nothing stays nothing."""
    if not value:
        return ""
    if mask is Mask.ID:
        return id_number.mask(value)
    if mask is Mask.PHONE:
        return phone.mask(value)
    if mask is Mask.BANK:
        return f"尾号 {value[-4:]}"
    return value


def masked_field(entity: type[Record], name: str, value: str | None) -> str:
    """The value as its fact asks for."""
    fact = facts(entity).get(name)
    return masked(fact.mask if fact else None, value)
