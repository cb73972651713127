"""Demonstration data: invented, realistic, and the same for the same seed."""

from crmcore.interchange.seed.run import SEED, SIZE, UNTIL, seed
from crmcore.interchange.seed.scenarios import SCENARIOS
from crmcore.interchange.seed.seeding import Seeding

__all__ = ["SCENARIOS", "SEED", "SIZE", "UNTIL", "Seeding", "seed"]
