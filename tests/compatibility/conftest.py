"""The releases' own tests are run by `test_releases.py`, each in a process of its own."""

collect_ignore_glob = ["*-*"]
