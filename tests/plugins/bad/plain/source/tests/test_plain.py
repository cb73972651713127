"""A test as a plugin has it; nobody runs it here."""


async def test_it_is_there(crm):
    assert "plain.look" in crm.permissions
