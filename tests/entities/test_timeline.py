"""Timelines that lead nowhere stop the start, and the message says where each goes wrong."""

from __future__ import annotations

from typing import ClassVar

import pytest
from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.record import Record
from crmcore.entities.registry import Entities
from crmcore.entities.timeline import Timeline
from crmcore.errors import SetupError


class House(Record, Table, tablename="house"):
    """Where people live."""

    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Room(Record, Table, tablename="room"):
    """A part of a house."""

    house_id = c.link("house", "Of which house.", references=House)
    painted_at = c.instant("When it was painted.", null=True)
    size = c.integer("How large it is.")
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Photo(Record, Table, tablename="photo"):
    """A picture of anything."""

    subject_id = c.any_link("Of what.")
    subject_type = c.text("Of which kind that is.", write=c.Write.NEVER)
    __indexes__: ClassVar[tuple[Index, ...]] = ()


PAINTED = Timeline("PAINTED", "A room was painted.", "painted_at", (("house_id", "house"),))
PHOTO = Timeline("PHOTO", "A picture was taken.", "created_at", (("subject_id", "room"), ("house_id", "house")))


def _entities(*of_room: Timeline, of_photo: Timeline = PHOTO) -> Entities:
    room = Entity(Room, "rooms", timeline=of_room, attachable=True, plugin="rooms")
    return Entities([Entity(House, "houses"), room, Entity(Photo, "photos", timeline=(of_photo,), plugin="photos")])


def test_a_timeline_is_a_field_of_the_entity_at_the_end_of_the_paths() -> None:
    """Each source with its entity, in the order of declaration; the others have none."""
    entities = _entities(PAINTED)
    feed = entities.fields("house")["timeline"]
    assert isinstance(feed, f.Feed)
    assert (("room", PAINTED), ("photo", PHOTO)) == feed.sources
    assert "timeline" not in entities.fields("room")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Timeline("Painted", "", "painted_at", PAINTED.path), "'Painted' of room is not in upper snake case"),
        (Timeline("PAINTED", "", "size", PAINTED.path), "at 'size', which is no instant column of room"),
        (Timeline("PAINTED", "", "gone_at", PAINTED.path), "at 'gone_at', which is no instant column of room"),
        (Timeline("PAINTED", "", "painted_at", ()), "has an empty path"),
        (Timeline("PAINTED", "", "painted_at", (("house_id", "room"),)), "goes by 'house_id' from room to 'room'"),
        (Timeline("PAINTED", "", "painted_at", (("size", "house"),)), "goes by 'size' from room to 'house'"),
        (Timeline("PAINTED", "", "painted_at", (("gone_id", "moon"),)), "goes by 'gone_id' from room to 'moon'"),
        (
            Timeline("PHOTO", "", "painted_at", PAINTED.path),
            "Plugins 'rooms' and 'photos' both give timelines the kind",
        ),
    ],
)
def test_a_timeline_that_leads_nowhere_stops_the_start(said: Timeline, words: str) -> None:
    """A kind that is not one, no instant, no link, another entity behind it, a kind of somebody else."""
    with pytest.raises(SetupError) as caught:
        _entities(said)
    assert words in str(caught.value)


def test_any_link_leads_to_what_is_attachable_only() -> None:
    """Nothing can be attached to the others."""
    with pytest.raises(SetupError, match="goes by 'subject_id' from photo to 'house'"):
        _entities(of_photo=Timeline("PHOTO", "", "created_at", (("subject_id", "house"),)))
