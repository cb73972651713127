"""The type contract of what plugins import: mypy, strict, must accept these modules as they are; none of them is run.

Every public name is used once as a plugin would use it. What must be refused carries `type: ignore` with mypy's code, and
an ignore that is needed no more is an error too.
"""
