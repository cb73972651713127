"""The commands below `crm plugin`, one module each, imported when they are called."""
