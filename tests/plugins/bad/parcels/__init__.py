"""A plugin with a module that needs what its distribution does not ask for; nobody notices until it is used."""

plugin_name = "parcels"
