"""`python -m crmcore.cli` is `crm`."""

from crmcore.cli import main

main(prog_name="crm")
