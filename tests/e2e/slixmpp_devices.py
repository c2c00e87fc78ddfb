"""Two devices of one person with slixmpp, one of them behind a network that is cut, falls silent and stays away.

Usage: slixmpp_devices.py PATH_OF_ALDIS
"""

import asyncio
import itertools
import sys

from proxy import Proxy
from server import Server
from slixmpp_client import CARBONS, STREAM_MANAGEMENT, Client, text_and_id
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
PATIENCE = 5  # seconds that the phone asks the server to keep its session for
BURST = 25
checks = Checks()


class Scene:
    """Romeo's phone, on the bad network; his laptop and Juliet, on a good one."""

    def __init__(self, server, proxy):
        self.server, self.proxy = server, proxy
        self.numbers = itertools.count(1)
        self.phone, self.laptop = self.device("phone"), self.device("laptop")
        self.phone.add_filter("out", ask_for_little)
        self.juliet = Client("juliet", PASSWORDS["juliet"], server.certificate, "balcony")

    def device(self, name):
        return Client("romeo", PASSWORDS["romeo"], self.server.certificate, name, (STREAM_MANAGEMENT, CARBONS))

    def says(self, speaker, to="romeo@localhost", count=1):
        """Sends so many messages; their texts, no two the same."""
        texts = [f"{next(self.numbers)} {speaker.boundjid.user}" for _ in range(count)]
        for text in texts:
            speaker.send_message(mto=to, mbody=text, mtype="chat")
        return texts


def ask_for_little(stanza):
    if stanza.name == "enable":
        stanza["max"] = str(PATIENCE)
    return stanza


class Ear:
    """What a client hears from now on: whether as the message or as a copy, it must be told everything, once, in order."""

    def __init__(self, client):
        self.client, self.known = client, len(client.heard())

    def heard(self):
        return self.client.heard()[self.known:]

    def texts(self):
        return [text for text, _, _ in self.heard()]

    async def hears(self, wanted, what):
        await self.client.until(lambda: len(self.heard()) >= len(wanted))
        return checks.equal(self.texts(), wanted, f"{self.client.boundjid.resource} {what}")

    def ways(self):
        return [way for _, _, way in self.heard()]


async def enter(scene):
    port = scene.server.starttls_port
    for client, door in ((scene.phone, scene.proxy.port), (scene.laptop, port), (scene.juliet, port)):
        if not checks.ok(await client.log_in(door, direct_tls=False), f"{client.requested_jid.full} logs in"):
            raise RuntimeError("nothing else can be tested")
    for device in (scene.phone, scene.laptop):
        checks.ok(await device.expect("sm_enabled", lambda enabled: enabled["resume"] and enabled["id"]),
                  f"{device.boundjid.resource} has a session that can be resumed")
        checks.equal((await device["xep_0280"].enable())["type"], "result", f"{device.boundjid.resource} wants copies")


async def hear_the_same(scene):
    phone, laptop = Ear(scene.phone), Ear(scene.laptop)
    texts = scene.says(scene.juliet) + scene.says(scene.juliet, to=scene.phone.boundjid.full)
    texts += scene.says(scene.juliet, to=scene.laptop.boundjid.full)
    await phone.hears(texts, "hears what was said to both, to itself, to the other")
    await laptop.hears(texts, "hears it too")
    checks.equal(phone.ways()[1:], ["message", "carbon_received"], "... what was said to the other as a copy")
    checks.equal(laptop.ways()[1:], ["carbon_received", "message"], "... on either side")


async def show_what_one_says(scene):
    phone, laptop, juliet = Ear(scene.phone), Ear(scene.laptop), Ear(scene.juliet)
    texts = scene.says(scene.phone, to="juliet@localhost")
    await laptop.hears(texts, "sees what the phone says")
    texts += scene.says(scene.laptop, to="juliet@localhost")
    await phone.hears(texts[1:], "sees what the laptop says, and no copy of its own words")
    checks.equal(phone.ways() + laptop.ways(), ["carbon_sent"] * 2, "... as copies")
    await juliet.hears(texts, "hears both")


async def keep_a_secret(scene):
    phone, laptop = Ear(scene.phone), Ear(scene.laptop)
    secret = scene.juliet.make_message(mto=scene.phone.boundjid.full, mbody="For this device alone", mtype="chat")
    secret.xml.append(secret.xml.makeelement("{urn:xmpp:carbons:2}private", {}))
    secret.xml.append(secret.xml.makeelement("{urn:xmpp:hints}no-copy", {}))
    secret.send()
    texts = scene.says(scene.juliet)
    await phone.hears([secret["body"], *texts], "hears what is for it alone")
    await laptop.hears(texts, "does not")


async def resume(scene, how):
    returned = await scene.phone.come_back(scene.proxy.port)
    return checks.equal(returned, "session_resumed", f"{how}: the phone resumes its session")


async def talk_meanwhile(scene):
    """What the phone should hear of it: to the account, to the other device, and the other device's answers."""
    laptop = Ear(scene.laptop)
    texts = scene.says(scene.juliet, count=BURST) + scene.says(scene.juliet, to=scene.laptop.boundjid.full, count=BURST)
    await laptop.hears(texts, "hears all at once")
    juliet = Ear(scene.juliet)
    answers = scene.says(scene.laptop, to="juliet@localhost", count=BURST)
    await juliet.hears(answers, "hears the answers")
    return texts + answers


async def hear_everything(scene, phone, missed):
    laptop = Ear(scene.laptop)
    more = scene.says(scene.juliet)
    await phone.hears(missed + more, "hears all of it once, in order, and what follows")
    await laptop.hears(more, "hears that, too")


async def lose_the_connection(scene):
    phone = Ear(scene.phone)
    lost = len(scene.phone.seen)
    scene.proxy.refuse()
    scene.proxy.cut()
    await scene.phone.until(lambda: any(name == "disconnected" for name, _ in scene.phone.seen[lost:]))
    texts = await talk_meanwhile(scene)
    checks.equal(phone.texts(), [], "cut: the phone hears nothing")
    scene.proxy.welcome()
    if await resume(scene, "cut"):
        await hear_everything(scene, phone, texts)


async def fall_silent(scene):
    """The server does not know that the connection is dead, and neither does the phone until it tries another network."""
    phone = Ear(scene.phone)
    scene.proxy.silence()
    texts = await talk_meanwhile(scene)
    scene.phone.abort()
    if await resume(scene, "silence"):
        await hear_everything(scene, phone, texts)


async def be_away_for_long(scene):
    """Longer than sessions wait; first the other device is there, then nobody."""
    phone = Ear(scene.phone)
    last_known = scene.phone.heard()[-1][1]
    scene.proxy.refuse()
    scene.proxy.cut()
    left = await scene.laptop.expect("presence_unavailable", lambda gone: gone["from"] == scene.phone.boundjid)
    checks.ok(left, "away: the session ends")
    texts = await talk_meanwhile(scene)
    await scene.laptop.log_out()
    texts += scene.says(scene.juliet, count=BURST)
    await scene.juliet["xep_0199"].ping("localhost")

    scene.proxy.welcome()
    checks.equal(await scene.phone.come_back(scene.proxy.port), "session_start", "away: the phone begins a new session")
    checks.ok(scene.phone.first("sm_failed") is not None, "... because the old one is gone")
    scene.phone.send_presence()
    texts += scene.says(scene.juliet)
    await scene.phone.until(lambda: texts[-1] in phone.texts())
    await catch_up(scene.phone, phone, last_known, texts)


async def catch_up(client, ear, last_known, wanted):
    """History from what the client knows to the end. What came by other ways has the ids that it has in the archive."""
    found = [result["mam_result"] async for result in client["xep_0313"].iterate(rsm={"max": 10, "after": last_known})]
    history = {entry["id"]: text_and_id(entry["forwarded"].xml)[0] for entry in found}
    checks.equal([history[entry["id"]] for entry in found], wanted, "... its history has all that it missed, once and in order")
    checks.equal(len(history), len(found), "... each with an id of its own")
    live = {mark: text for text, mark, _ in ear.heard()}
    checks.ok(len(live) == len(ear.heard()) and None not in live, "... what is delivered as well bears the archive's ids")
    checks.ok(live.items() <= history.items(), "... by which the client knows it again", str(live.items() - history.items()))


async def play(scene):
    await enter(scene)
    await hear_the_same(scene)
    await show_what_one_says(scene)
    await keep_a_secret(scene)
    await lose_the_connection(scene)
    await fall_silent(scene)
    await be_away_for_long(scene)
    await scene.phone.log_out()
    await scene.juliet.log_out()


async def main(binary):
    with Server(binary, PASSWORDS, checks) as server, Proxy(server.starttls_port) as proxy:
        await play(Scene(server, proxy))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
