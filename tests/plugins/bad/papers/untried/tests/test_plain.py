"""A test that knows nothing of the plugin."""


def test_it_adds_up():
    assert 2 == 1 + 1
