"""`crm compliance keys …`: making, looking at and replacing keys on the command line."""

from __future__ import annotations

import json

import click
import msgspec

from crmcore import Crm, ids
from crmcore.cli import with_crm
from crmcore_compliance.keys import upkeep
from crmcore_compliance.keys.ending import destroy_epoch
from crmcore_compliance.keys.inventory import Inventory
from crmcore_compliance.keys.keyring import Keyring
from crmcore_compliance.state import compliance_of

__all__ = ["keys"]


@click.group()
def keys() -> None:
    """Look after the keys that seal personal data."""


@keys.command()
@with_crm
async def init(crm: Crm) -> None:
    """Make keystore, keyring and the first keys, where they are not there yet."""
    keyring = _keyring(crm)
    was_new = keyring.is_new
    await keyring.begin()
    click.echo(f"The keystore {keyring.keystore.shown} {'was made' if was_new else 'is there already'}.")
    click.echo(
        "Keep copies of keystore and key service apart from those of the data: without them nothing sealed is readable."
    )


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def status(crm: Crm, as_json: bool) -> None:
    """Show epochs and keys; never a key itself."""
    stock = await _keyring(crm).inventory()
    click.echo(json.dumps(msgspec.to_builtins(stock)) if as_json else _shown(stock))


@keys.command()
@with_crm
async def rotate(crm: Crm) -> None:
    """Begin an epoch under a new version of the key service's key, and bring all keys over."""
    keyring = _keyring(crm)
    done = 0
    async for progress in upkeep.rotate(keyring):
        done = progress.done
        click.echo(f"{progress.done} keys are under the new epoch, {progress.left} are left.", err=True)
    active = await upkeep.active_epoch(keyring)
    click.echo("There are no keys yet." if active is None else f"Epoch {active.id} is active; {done} keys came over.")


@keys.command()
@click.option("--service", is_flag=True, help="Have the key service wrap the epochs with its newest version instead.")
@with_crm
async def rewrap(crm: Crm, service: bool) -> None:
    """Bring keys over that an interrupted rotation left under a former epoch."""
    keyring = _keyring(crm)
    if await upkeep.active_epoch(keyring) is None:
        click.echo("There are no keys yet.")
        return
    if service:
        click.echo(f"{await keyring.epochs.rewrap()} epochs are wrapped with the key service's newest version.")
        return
    done = 0
    async for progress in keyring.rotating.rewrap():
        done = progress.done
    click.echo(f"{done} keys came over.")


@keys.command()
@click.argument("customers", metavar="CUSTOMER...", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Of all people, and of what is about nobody in particular.")
@with_crm
async def replace(crm: Crm, customers: tuple[str, ...], everybody: bool) -> None:
    """Have new keys seal what is about CUSTOMERs (by id), as when somebody may have had theirs, or for another cipher."""
    if everybody is bool(customers):
        msg = "Say whose keys: the ids of customers, or --all."
        raise click.UsageError(msg)
    subjects = None if everybody else [ids.parse(customer, "customer") for customer in customers]
    count = await upkeep.replace(_keyring(crm), subjects)
    click.echo(f"{count} keys are replaced; `crm compliance reseal` seals what is under the former ones anew.")


@keys.command(name="destroy-epoch")
@click.argument("epoch", type=int)
@click.confirmation_option(prompt="Backups of the keystore from that time will be unreadable for good. Destroy it?")
@with_crm
async def end(crm: Crm, epoch: int) -> None:
    """Destroy a former epoch before its time, with the key service's version of the key, as after an erasure that cannot wait."""
    keyring = _keyring(crm)
    ended = await destroy_epoch(keyring.keystore, keyring.epochs, epoch)
    when = f" The key service's version is gone at {ended.gone_at:%Y-%m-%d %H:%M} UTC." if ended.gone_at else ""
    click.echo(f"Epoch {epoch} is destroyed.{when} {ended.remains}".rstrip())


def _keyring(crm: Crm) -> Keyring:
    return compliance_of(crm).keyring


def _shown(stock: Inventory) -> str:
    if not stock.epochs:
        return f"There are no keys yet; the keystore {stock.keystore} is made when something is sealed or signed."
    lines = [f"Tenant {stock.tenant}, keystore {stock.keystore}, {stock.erasures} erasures"]
    for line in stock.epochs:
        due = f", destroyed after {line.destroy_after:%Y-%m-%d}" if line.destroy_after and not line.destroyed_at else ""
        lines.append(
            f"epoch {line.id:<4} {line.state:<12} since {line.created_at:%Y-%m-%d}  {line.kms} version {line.version}{due}"
        )
    for group in stock.keys:
        lines.append(f"{group.use:<10} {group.suite:<15} {group.state:<12} epoch {group.epoch:<4} {group.keys:>9} keys")
    return "\n".join(lines)
