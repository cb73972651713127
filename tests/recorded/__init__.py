"""What plugins hold on to, written down, so that no change of it goes by unseen: hooks, public names, settings, the schema."""
