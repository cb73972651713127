"""What is here are plugins, and tests of theirs, to be looked at; none of it is a test of crmcore."""

collect_ignore_glob = ["*"]
