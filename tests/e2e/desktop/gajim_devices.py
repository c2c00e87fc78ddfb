"""Gajim on a desktop under Xvfb, and a phone (slixmpp): two devices of one person, the desktop behind a network that is cut.
Leaves pictures of the screen for somebody to look at.

Usage: gajim_devices.py PATH_OF_ALDIS [FOLDER_FOR_PICTURES]
Not one of the tests: Gajim and the screen come with 70 packages. It says what is missing.
"""

import asyncio
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from gajim_client import Gajim, missing
from proxy import Proxy
from server import Server
from slixmpp_client import CARBONS, STREAM_MANAGEMENT, Client
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
PICTURES = pathlib.Path(__file__).parents[3] / "build" / "desktop"
PATIENCE = 30  # seconds for what Gajim does at once: it waits a while before it connects again
SKIPPED = 77
checks = Checks()


class Scene:
    """Romeo's phone and Juliet; romeo's desktop is `gajim` as soon as they are friends."""

    def __init__(self, server, proxy, folder):
        self.server, self.proxy, self.folder = server, proxy, folder
        self.phone = self.client("romeo", "phone", (STREAM_MANAGEMENT, CARBONS))
        self.juliet = self.client("juliet", "balcony")
        self.said = []
        self.gajim = None

    def client(self, name, device, plugins=()):
        return Client(name, PASSWORDS[name], self.server.certificate, device, plugins)

    async def says(self, speaker, listener, text):
        """Waits until the other has heard it, so that all agree on the order."""
        speaker.send_message(mto=listener.boundjid.bare, mbody=text, mtype="chat")
        self.said.append(text)
        await listener.expect("message", lambda stanza: stanza["body"] == text)

    async def juliet_says(self, text):
        await self.says(self.juliet, self.phone, text)

    async def phone_says(self, text):
        await self.says(self.phone, self.juliet, text)


async def befriend(scene):
    port = scene.server.starttls_port
    for client in (scene.juliet, scene.phone):
        if not checks.ok(await client.log_in(port, direct_tls=False), f"{client.boundjid} logs in"):
            raise RuntimeError("nothing else can be tested")
    await scene.phone["xep_0280"].enable()
    for asker, asked in ((scene.juliet, scene.phone), (scene.phone, scene.juliet)):
        asker.send_presence_subscription(pto=asked.boundjid.bare)
        await asked.expect("presence_subscribe")
        asked.send_presence_subscription(pto=asker.boundjid.bare, ptype="subscribed")
        await asker.expect("presence_subscribed")


async def knows_all(scene, what):
    """Gajim's history is what was said, once and in order."""
    await comes(lambda: scene.gajim.history()[len(scene.said) - 1:])
    checks.equal(scene.gajim.history(), scene.said, what)


async def comes(condition, seconds=PATIENCE):
    for _ in range(seconds * 10):
        if answer := condition():
            return answer
        await asyncio.sleep(0.1)
    return condition()


async def be_in_step(scene):
    arrived = await scene.juliet.expect("presence_available", lambda there: there["from"].resource == "desktop", PATIENCE)
    checks.ok(arrived, "Gajim logs in")
    scene.gajim.open_chat()
    await scene.juliet_says("Art thou at thy desk?")
    await knows_all(scene, "Gajim hears juliet")
    await scene.phone_says("Both at my desk and in the street.")
    await knows_all(scene, "... and what the phone says")
    typed = "This I type on the desktop."
    scene.gajim.type(typed)
    scene.said.append(typed)
    heard = await scene.juliet.expect("message", lambda stanza: stanza["body"] == typed)
    checks.ok(heard, "juliet hears what is typed in Gajim")
    copied = await scene.phone.until(lambda: typed in [text for text, _, _ in scene.phone.heard()])
    checks.ok(copied, "... and the phone shows it")
    await asyncio.sleep(1)  # for the picture's sake
    scene.gajim.picture("1-in-step")


async def be_cut(scene):
    known = scene.proxy.accepted
    scene.proxy.refuse()
    scene.proxy.cut()
    await scene.juliet_says("The line is cut: this is said meanwhile.")
    await scene.phone_says("The phone answers meanwhile.")
    await scene.juliet_says("And this is the last thing said meanwhile.")
    await asyncio.sleep(2)
    scene.gajim.picture("2-cut")
    scene.proxy.welcome()
    checks.ok(await scene.proxy.comes(lambda proxy: proxy.accepted > known, PATIENCE), "cut: Gajim connects again")
    await knows_all(scene, "... and has what was said meanwhile, once and in order")
    log = (scene.gajim.pictures / "gajim.log").read_text(errors="replace")
    checks.ok("<resumed " in log, "... because its session was resumed")
    await scene.juliet_says("Welcome back.")
    await knows_all(scene, "... and hears what follows")
    await asyncio.sleep(1)
    scene.gajim.picture("3-resumed")


async def play(scene):
    await befriend(scene)
    account = "romeo", PASSWORDS["romeo"], scene.proxy.port
    with Gajim(scene.folder, scene.server.certificate, *account, partner="juliet@localhost") as gajim:
        scene.gajim = gajim
        try:
            await be_in_step(scene)
            await be_cut(scene)
        finally:
            gajim.picture("4-end")
    await scene.phone.log_out()
    await scene.juliet.log_out()


async def main(binary, pictures=PICTURES):
    pictures = pathlib.Path(pictures)
    with tempfile.TemporaryDirectory(prefix="aldis-e2e-") as folder, Server(binary, PASSWORDS, checks) as server:
        with Proxy(server.starttls_port) as proxy:
            try:
                await play(Scene(server, proxy, pathlib.Path(folder)))
            finally:
                shutil.copytree(pathlib.Path(folder) / "pictures", pictures, dirs_exist_ok=True)
                print(f"# The screen: {pictures}")


if __name__ == "__main__":
    if missing():
        print("skipped: needs `apt-get install --no-install-recommends " + " ".join(missing()) + "`")
        sys.exit(SKIPPED)
    asyncio.run(main(*sys.argv[1:]))
    checks.finish()
