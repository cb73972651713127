"""One module a command of `crm`; each has it as `command`."""
