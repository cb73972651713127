"""What stands where a plugin has its tests; the rules read it, and nobody runs it."""

from __future__ import annotations

from crmcore.testing import TestCrm


async def test_a_plot_is_large(crm: TestCrm) -> None:
    """Plots of a hectare are large."""
    await crm.make("plot", area=10_000)
    answer = await crm.execute("{ plotsLarge { totalCount } }")
    assert {"plotsLarge": {"totalCount": 1}} == answer["data"]
