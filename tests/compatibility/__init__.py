"""Released plugins against today's core: `<plugin>-<version>/` is a release's source tree, which is never edited.

A release is added by `python -m tests.compatibility FOLDER`, the folder of the plugin's repository.
"""
