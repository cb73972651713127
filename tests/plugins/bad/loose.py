"""A plugin that does not say what its functions take and give."""

from crmcore import hookimpl

plugin_name = "loose"


@hookimpl
def crm_permissions():
    return []
