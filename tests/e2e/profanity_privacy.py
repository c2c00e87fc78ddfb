"""OMEMO, blocking, pictures and bookmarks with Profanity: two devices of one person, and a friend. What they say to each other is
not for the server; whom one device blocks, the other one does not hear; what one bookmarks, the next one finds.

Usage: profanity_privacy.py PATH_OF_ALDIS
"""

import asyncio
import pathlib
import re
import sys
import tempfile

from profanity_client import Profanity, fingerprint_of
from server import Server
from slixmpp_person import Person, befriend, succeeded
from slixmpp_profile import picture
from tap import Checks
from terminal import Terminal

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
DEVICES, BUNDLES = "eu.siacs.conversations.axolotl.devicelist", "eu.siacs.conversations.axolotl.bundles:"
OMEMO = "{eu.siacs.conversations.axolotl}"
FINGERPRINT = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{8}){7})")
ROOM = "orchard@rooms.localhost"
checks = Checks()


class Scene:
    """Romeo's laptop and phone and Juliet's laptop are Profanity; a spectator (slixmpp) looks at what the server has of romeo."""

    def __init__(self, server, terminal):
        self.server, self.terminal = server, terminal
        self.certificate = fingerprint_of(server.certificate)
        self.spectator = self.person("romeo", "spectator")
        self.laptop = self.phone = self.juliet = None

    def person(self, name, device):
        return Person(name, PASSWORDS[name], self.server.certificate, device)

    async def enter(self, name, device):
        client = Profanity(self.terminal, name, device)
        client.type("/carbons on")
        await client.sees("Message carbons preference enabled")
        there = await client.log_in(PASSWORDS[name], self.server.starttls_port, "force", self.certificate)
        if not checks.ok(there, f"{client.pane} logs in", client.tail()):
            raise RuntimeError("nothing else can be tested")
        return client


async def sees(client, *texts, what):
    checks.ok(await client.sees(*texts), f"{client.pane} {what}", client.tail())


async def know_each_other(scene):
    juliet = scene.person("juliet", "spectator")
    for person in (scene.spectator, juliet):
        if not await person.log_in(scene.server.starttls_port, direct_tls=False):
            raise RuntimeError("nothing else can be tested")
    await befriend(scene.spectator, juliet)
    await juliet.log_out()


async def make_keys(client):
    client.type("/omemo trustmode blind")
    await client.sees("will be trusted automatically")
    client.type("/omemo gen")
    await sees(client, "OMEMO crytographic materials generated", what="has keys")
    client.type("/omemo fingerprint")
    await sees(client, "Your OMEMO fingerprint: ", what="shows their fingerprint")
    return FINGERPRINT.search(client.screen().split("Your OMEMO fingerprint: ")[-1]).group(1)


async def device_ids(person, of):
    found = await person.ask("get", f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{DEVICES}'/></pubsub>", of)
    return {each.get("id") for each in found.xml.iter(OMEMO + "device")} if succeeded(found) else set()


async def keys_are_published(scene):
    """A person reads them from the own account and from the other's, as clients do before they encrypt."""
    devices = set()
    for owner, count in (("romeo@localhost", 2), ("juliet@localhost", 1)):
        for _ in range(50):
            devices = await device_ids(scene.spectator, owner)
            if len(devices) == count:
                break
            await asyncio.sleep(0.1)
        checks.equal(len(devices), count, f"{owner} has a list of {count} devices")
        for device in devices:
            query = f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{BUNDLES}{device}'/></pubsub>"
            bundle = await scene.spectator.ask("get", query, owner)
            keys = list(bundle.xml.iter(OMEMO + "preKeyPublic")) if succeeded(bundle) else []
            checks.ok(len(keys) >= 20, "... each with a bundle of keys", str(bundle)[:300])


async def talk_in_secret(scene):
    fingerprints = [await make_keys(client) for client in (scene.laptop, scene.phone, scene.juliet)]
    await keys_are_published(scene)
    scene.laptop.type("/msg juliet@localhost")
    scene.phone.type("/msg juliet@localhost")
    scene.juliet.type("/msg romeo@localhost")
    for client, partner in ((scene.laptop, "juliet"), (scene.juliet, "romeo")):
        client.type("/omemo start")
        await sees(client, f"{partner}@localhost", "[OMEMO]", what="turns encryption on")
    scene.laptop.type("/omemo fingerprint")
    await sees(scene.laptop, f"juliet@localhost's OMEMO fingerprint: {fingerprints[2]}", what="knows juliet's fingerprint")
    await asyncio.sleep(1)  # the bundles of all devices come one by one, and Profanity says of none that it is there
    scene.laptop.type("But soft, what light")
    await sees(scene.juliet, "~ romeo@localhost", "But soft, what light", what="reads what is encrypted for her")
    await sees(scene.phone, "But soft, what light", what="reads what the laptop has written")
    scene.juliet.type("Ay me!")
    for client in (scene.laptop, scene.phone):
        await sees(client, "~ juliet@localhost", "Ay me!", what="reads the answer")
    await sealed(scene)


async def sealed(scene):
    """What the server has kept of it does not say it."""
    known = len(scene.spectator.seen)
    await scene.spectator.ask("set", "<query xmlns='urn:xmpp:mam:2'/>")
    kept = [stanza.xml for name, stanza in scene.spectator.seen[known:] if name == "any_message"]
    encrypted = [message for message in kept if next(message.iter(OMEMO + "encrypted"), None) is not None]
    checks.ok(len(encrypted) >= 2, "the archive has the encrypted messages", f"{len(encrypted)} of {len(kept)}")
    texts = " ".join(text for message in kept for text in message.itertext())
    checks.ok("what light" not in texts and "Ay me" not in texts, "... and does not know what they say")


async def blocking(scene):
    for client in (scene.laptop, scene.phone, scene.juliet):
        client.type("/win 1")
    scene.laptop.type("/blocked add juliet@localhost")
    await sees(scene.laptop, "User juliet@localhost successfully blocked.", what="blocks juliet")
    await sees(scene.juliet, "-- romeo@localhost", "is offline", what="sees romeo leave")
    for client in (scene.laptop, scene.phone):
        client.type("/blocked")
        await sees(client, "Blocked users:", "juliet@localhost", what="lists who is blocked")
    scene.juliet.type("/msg romeo@localhost Wilt thou leave me so unsatisfied?")
    await sees(scene.juliet, "Wilt thou leave me", "service-unavailable", what="is told that nobody hears her")
    scene.juliet.type("/win 1")
    scene.phone.type("/blocked remove juliet@localhost")
    await sees(scene.phone, "User juliet@localhost successfully unblocked.", what="unblocks juliet")
    await sees(scene.juliet, "is offline", "++ romeo@localhost", "is online", what="sees romeo again")
    scene.laptop.type("/clear")
    scene.laptop.type("/blocked")
    await sees(scene.laptop, "No blocked users.", what="knows that")


async def bookmarks(scene):
    scene.laptop.type(f"/bookmark add {ROOM} nick Romeo autojoin off")
    await sees(scene.laptop, f"Bookmark added for {ROOM}.", what="bookmarks a room")
    native = await scene.spectator.item_ids(None, "urn:xmpp:bookmarks:1")
    checks.equal(native, [ROOM], "... which newer clients find as an item (XEP-0402)")
    await scene.phone.quit()
    scene.phone = await scene.enter("romeo", "tablet")
    scene.phone.type("/bookmark list")
    await sees(scene.phone, "Bookmarks:", f"{ROOM}/Romeo", what="finds it")
    scene.phone.type(f"/bookmark remove {ROOM}")
    await sees(scene.phone, f"Bookmark removed for {ROOM}.", what="removes it")
    checks.equal(await scene.spectator.item_ids(None, "urn:xmpp:bookmarks:1"), [], "... so that the item is gone")


async def report(scene):
    scene.laptop.type("/blocked report-spam tybalt@localhost Sells roses")
    await sees(scene.laptop, "User tybalt@localhost successfully blocked.", what="reports tybalt")
    told = scene.server.run("report", "list")
    checks.ok("romeo@localhost reports tybalt@localhost for spam" in told, "... of which the operators know", told)


async def pictures(scene):
    image = picture(30, 30, 200)
    path = scene.terminal.folder / "picture.png"
    path.write_bytes(image)
    scene.laptop.type(f"/avatar set {path}")
    await sees(scene.laptop, "Avatar updated successfully", what="sets a picture")
    there = await scene.spectator.expect("presence_available", lambda presence: next(
        (photo.text for photo in presence.xml.iter("{vcard-temp:x:update}photo")), None))
    checks.ok(there, "... whose hash is in romeo's presence")
    scene.juliet.type("/avatar get romeo@localhost")
    await sees(scene.juliet, "Avatar saved as", what="gets it")


async def play(scene):
    await know_each_other(scene)
    scene.juliet = await scene.enter("juliet", "laptop")
    scene.laptop, scene.phone = await scene.enter("romeo", "laptop"), await scene.enter("romeo", "phone")
    await talk_in_secret(scene)
    await blocking(scene)
    await report(scene)
    await pictures(scene)
    await bookmarks(scene)
    for client in (scene.laptop, scene.phone, scene.juliet):
        await client.quit()
    await scene.spectator.log_out()


async def main(binary):
    with tempfile.TemporaryDirectory(prefix="aldis-e2e-") as folder, Server(binary, PASSWORDS, checks) as server:
        with Terminal(pathlib.Path(folder)) as terminal:
            await play(Scene(server, terminal))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
