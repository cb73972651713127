"""What an operator may set of webhooks."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from crmcore.webhooks.addresses import Network, networks

__all__ = ["WebhooksSettings"]

_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_HOUR = 3600.0


class WebhooksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[plugins.webhooks]` of `crm.toml`.

    Attributes:

        allowed_networks: networks in CIDR form that messages may go to although they are not public, as in
            `["10.1.0.0/16"]`; every other private, loopback, link-local or otherwise special address is refused.
        plain_http: whether an endpoint's URL may begin with http://; what is sent there can be read on the way.
        timeout: seconds that a receiver has to answer, connecting included.
        connections: connections each worker keeps to receivers, at most.
        retry_after: seconds from each failed attempt to the next, each made longer by up to a tenth at random; when all
            are used up the delivery has failed. As it stands: ten attempts in three days.
        disable_after_days: an endpoint that did nothing but fail for so long is disabled.
        keep_days: days that ended deliveries stay in the log.
        secret_overlap_hours: hours that the secret before a rotation goes on to sign too.
    """

    allowed_networks: tuple[str, ...] = ()
    plain_http: bool = False
    timeout: Annotated[float, msgspec.Meta(gt=0, le=60)] = 15.0
    connections: Annotated[int, msgspec.Meta(ge=1)] = 50
    retry_after: tuple[_Seconds, ...] = (5, 300, 1800, *(_HOUR * hours for hours in (2, 5, 10, 14, 18, 22)))
    disable_after_days: Annotated[float, msgspec.Meta(gt=0)] = 5
    keep_days: Annotated[float, msgspec.Meta(gt=0)] = 30
    secret_overlap_hours: Annotated[float, msgspec.Meta(ge=0)] = 24

    def __post_init__(self) -> None:
        _ = self.networks

    @property
    def networks(self) -> tuple[Network, ...]:
        """The allowed networks."""
        return networks(self.allowed_networks)

    @property
    def patience(self) -> timedelta:
        """How long an endpoint may do nothing but fail."""
        return timedelta(days=self.disable_after_days)

    @property
    def kept(self) -> timedelta:
        """How long ended deliveries stay."""
        return timedelta(days=self.keep_days)

    @property
    def overlap(self) -> timedelta:
        """How long a secret counts after it was replaced."""
        return timedelta(hours=self.secret_overlap_hours)
