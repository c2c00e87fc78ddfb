"""The server is killed while a client changes its profile and its bookmarks in all the forms that they have, again and
again: what was answered is there, and all forms say the same.

Usage: profile_killed.py PATH_OF_ALDIS [SEED]
"""

import base64
import hashlib
import random
import sys
import threading

from server import Server
from tap import Checks, poll
from wire import Closed, Wire

PASSWORDS = {"juliet": "secret-juliet"}
ROUNDS = 12
PUBSUB = "http://jabber.org/protocol/pubsub"
TEMP, FOUR = "{vcard-temp}", "{urn:ietf:params:xml:ns:vcard-4.0}"
DATA, METADATA = "urn:xmpp:avatar:data", "urn:xmpp:avatar:metadata"
BOOKMARKS, LIST = "urn:xmpp:bookmarks:1", "storage:bookmarks"
PICTURES = [b"GIF89a" + bytes([width, 0, 32, 0]) for width in (64, 65, 66)]
checks = Checks()


def publish(node, item, payload):
    return f"<pubsub xmlns='{PUBSUB}'><publish node='{node}'><item id='{item}'>{payload}</item></publish></pubsub>"


def items(wire, node):
    """The payloads by their ids; nothing if there is no such node."""
    answer = wire.ask(f"<pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub>")
    if answer.get("type") != "result":
        return {}
    return {item.get("id"): item[0] for item in answer.iter(f"{{{PUBSUB}}}item")}


class Client(threading.Thread):
    """Juliet. What she knows to be so is `name`, `picture` and `rooms`; `doing` is what was not answered."""

    def __init__(self, wire, chance, known):
        super().__init__(daemon=True)
        self.wire, self.chance = wire, chance
        self.name, self.picture, self.rooms = known
        self.doing, self.refused = None, []

    def run(self):
        try:
            while True:
                self.chance.choice([self.set_card, self.publish_card, self.publish_avatar, self.add_room,
                                    self.remove_room, self.set_list, self.publish_list])()
        except (Closed, OSError):
            pass

    def change(self, payload, what):
        self.doing = what
        answer = self.wire.ask(payload, "set")
        if answer is None or answer.get("type") != "result":
            self.refused.append(payload)
        self.doing = None

    def set_card(self):
        name, picture = str(self.chance.random()), self.chance.choice([*PICTURES, None])
        photo = f"<PHOTO><BINVAL>{base64.b64encode(picture).decode()}</BINVAL></PHOTO>" if picture else ""
        self.change(f"<vCard xmlns='vcard-temp'><FN>{name}</FN>{photo}</vCard>", "card")
        self.name, self.picture = name, picture

    def publish_card(self):
        name = str(self.chance.random())
        card = f"<vcard xmlns='{FOUR[1:-1]}'><fn><text>{name}</text></fn></vcard>"
        self.change(publish("urn:xmpp:vcard4", "current", card), "card")
        self.name = name

    def publish_avatar(self):
        picture = self.chance.choice(PICTURES)
        name, size = hashlib.sha1(picture).hexdigest(), len(picture)
        data = f"<data xmlns='{DATA}'>{base64.b64encode(picture).decode()}</data>"
        self.change(publish(DATA, name, data), "data")
        info = f"<info bytes='{size}' id='{name}' type='image/gif'/>"
        self.change(publish(METADATA, name, f"<metadata xmlns='{METADATA}'>{info}</metadata>"), "card")
        self.picture = picture

    def add_room(self):
        room = f"room{self.chance.randrange(8)}@rooms.localhost"
        self.change(publish(BOOKMARKS, room, f"<conference xmlns='{BOOKMARKS}'/>"), "rooms")
        self.rooms = self.rooms | {room}

    def remove_room(self):
        if not self.rooms:
            return
        room = self.chance.choice(sorted(self.rooms))
        retract = f"<retract node='{BOOKMARKS}' notify='true'><item id='{room}'/></retract>"
        self.change(f"<pubsub xmlns='{PUBSUB}'>{retract}</pubsub>", "rooms")
        self.rooms = self.rooms - {room}

    def some_list(self):
        rooms = {f"room{number}@rooms.localhost" for number in range(8) if self.chance.random() < 0.5}
        conferences = "".join(f"<conference jid='{room}'/>" for room in sorted(rooms))
        return rooms, f"<storage xmlns='{LIST}'>{conferences}</storage>"

    def set_list(self):
        rooms, storage = self.some_list()
        self.change(f"<query xmlns='jabber:iq:private'>{storage}</query>", "rooms")
        self.rooms = rooms

    def publish_list(self):
        rooms, storage = self.some_list()
        self.change(publish(LIST, "current", storage), "rooms")
        self.rooms = rooms


def profile(wire):
    """What each form says: names, and hashes of the picture."""
    answer = wire.ask("<vCard xmlns='vcard-temp'/>")
    binary = answer.findtext(f".//{TEMP}BINVAL")
    temp = answer.findtext(f".//{TEMP}FN"), hashlib.sha1(base64.b64decode(binary)).hexdigest() if binary else None
    cards = list(items(wire, "urn:xmpp:vcard4").values())
    infos = [info for metadata in items(wire, METADATA).values() for info in metadata]
    four = cards[-1].findtext(f".//{FOUR}text") if cards else None, infos[0].get("id") if infos else None
    return temp, four


def rooms(wire):
    answer = wire.ask(f"<query xmlns='jabber:iq:private'><storage xmlns='{LIST}'/></query>")
    private = {room.get("jid") for room in answer.iter(f"{{{LIST}}}conference")}
    lists = list(items(wire, LIST).values())
    return set(items(wire, BOOKMARKS)), private, {room.get("jid") for room in lists[-1]} if lists else set()


def play_round(server, chance, known):
    client = Client(Wire(server.starttls_port).log_in("juliet", PASSWORDS["juliet"]), chance, known)
    client.start()
    client.join(chance.uniform(0.05, 0.6))
    server.kill()
    client.join(10)
    checks.ok(not client.refused, "nothing is refused", client.refused)
    server.start()

    wire = Wire(server.starttls_port).log_in("juliet", PASSWORDS["juliet"])
    poll(lambda: len(set(profile(wire))) == 1, 5)
    temp, four = profile(wire)
    checks.equal(temp, four, "vcard-temp and the nodes say the same")
    if client.doing != "card":
        picture = hashlib.sha1(client.picture).hexdigest() if client.picture else None
        checks.equal(temp, (client.name, picture), "and that is what was answered")
    everywhere = rooms(wire)
    checks.ok(everywhere[0] == everywhere[1] == everywhere[2], "bookmarks are the same everywhere", everywhere)
    if client.doing != "rooms":
        checks.equal(everywhere[0], client.rooms, "and those that were answered")
    wire.close()
    by_hash = {hashlib.sha1(picture).hexdigest(): picture for picture in PICTURES}
    return temp[0], by_hash.get(temp[1]), everywhere[0]


def main(binary, seed):
    print("# seed", seed, flush=True)
    chance = random.Random(seed)
    with Server(binary, PASSWORDS, checks, more="[limits]\nbytes_per_second = 100_000_000\n", plain=True) as server:
        known = None, None, set()
        for _ in range(ROUNDS):
            known = play_round(server, chance, known)
            if checks.failed:
                return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6))
    checks.finish()
