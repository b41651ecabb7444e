"""Ways to pay online. A channel is an adapter to one bank: it knows the bank's letters and signatures, and nothing of dues.

What comes back is always a `Call`; what is done with it stands once, in `dues.domain.calls`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from core.errors import Missing


@dataclass(frozen=True)
class Call:
    """What a bank says: this order was paid, or this refund was made. `serial` is the bank's own number of the event."""

    serial: str
    kind: str
    order: UUID
    amount: Decimal
    refund: UUID | None = None


class Channel(Protocol):
    code: str
    label: str

    def is_open(self) -> bool:
        """Whether members may choose it here and now."""

    def pay_url(self, order: UUID) -> str:
        """Where the payer goes on to."""

    def read(self, body: bytes, signature: str) -> Call:
        """The call in a signed letter; NotAllowed when the signature is not the bank's."""

    def ask(self, order: UUID) -> list[Call]:
        """What the bank knows of an order: for letters that never came."""

    def refund(self, order: UUID, refund: UUID, amount: Decimal) -> None:
        """Ask for money to be paid back; asking twice under the same `refund` pays once."""


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Called in `ready()`, by whoever brings the adapter."""
    _channels[channel.code] = channel


def find_channel(code: str) -> Channel | None:
    found = _channels.get(code)
    return found if found is not None and found.is_open() else None


def channel_of(code: str) -> Channel:
    found = find_channel(code)
    if found is None:
        raise Missing
    return found


def open_channels() -> list[Channel]:
    return [channel for channel in _channels.values() if channel.is_open()]
