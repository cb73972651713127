"""How long data are kept: rules by entity, category and purpose, tried or carried out, with proof."""
