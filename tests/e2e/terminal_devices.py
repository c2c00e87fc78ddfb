"""Two devices of one person in terminals, Profanity and MCabber: both show all that is said, to them and by them. Profanity
is behind a network that is cut and falls silent; it notices, connects again, and resumes or fetches what it missed.

Usage: terminal_devices.py PATH_OF_ALDIS
"""

import asyncio
import pathlib
import sys
import tempfile

from mcabber_client import MCabber
from profanity_client import Profanity, fingerprint_of
from proxy import Proxy
from server import Server
from slixmpp_client import Client
from tap import Checks
from terminal import Terminal

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
checks = Checks()


class Scene:
    """Romeo's laptop (Profanity, behind the proxy), his netbook (MCabber), and Juliet (slixmpp)."""

    def __init__(self, server, proxy, terminal):
        self.server, self.proxy, self.terminal = server, proxy, terminal
        self.juliet = self.client("juliet")
        self.laptop = self.netbook = None

    def client(self, name):
        return Client(name, PASSWORDS[name], self.server.certificate)

    def juliet_says(self, *texts):
        for text in texts:
            self.juliet.send_message(mto="romeo@localhost", mbody=text, mtype="chat")


async def shows(device, *texts, what, once=True):
    """All of the texts, in this order."""
    complete = await device.sees(*texts) and not (once and any(device.screen().count(text) > 1 for text in texts))
    checks.ok(complete, f"{device.pane} shows {what}", device.tail())


async def know_each_other(scene):
    """Friends since long: without that, each client would first ask what to do with a stranger."""
    romeo = scene.client("romeo")
    port = scene.server.starttls_port
    if not (await scene.juliet.log_in(port, direct_tls=False) and await romeo.log_in(port, direct_tls=False)):
        raise RuntimeError("nothing else can be tested")
    for asker, asked in ((romeo, scene.juliet), (scene.juliet, romeo)):
        asker.send_presence_subscription(pto=asked.boundjid.bare)
        await asked.expect("presence_subscribe")
        asked.send_presence_subscription(pto=asker.boundjid.bare, ptype="subscribed")
        await asker.expect("presence_subscribed")
    await romeo.log_out()


async def enter(scene):
    port, certificate = scene.server.starttls_port, scene.server.certificate
    scene.laptop = Profanity(scene.terminal, "romeo", "laptop")
    scene.netbook = MCabber(scene.terminal, "romeo", PASSWORDS["romeo"], port, certificate, "netbook")
    scene.laptop.type("/carbons on")
    await scene.laptop.sees("Message carbons preference enabled")
    scene.laptop.type("/reconnect 1")
    fingerprint = fingerprint_of(certificate)
    there = await scene.laptop.log_in(PASSWORDS["romeo"], scene.proxy.port, "force", fingerprint, trust="always")
    checks.ok(there, "romeo logs in with Profanity", scene.laptop.tail())
    checks.ok(await scene.netbook.logged_in(), "romeo logs in with MCabber", scene.netbook.tail())
    checks.ok(await scene.netbook.turn_to("juliet@localhost"), "MCabber knows juliet", scene.netbook.tail())
    scene.laptop.type("/msg juliet@localhost")


async def hear_the_same(scene):
    scene.juliet_says("Art thou there?")
    for device in (scene.laptop, scene.netbook):
        await shows(device, "Art thou there?", what="what juliet says")
    scene.laptop.type("At my large screen.")
    await shows(scene.netbook, "Art thou there?", "At my large screen.", what="what is typed on the laptop")
    scene.netbook.type("At my small screen.")
    for device in (scene.laptop, scene.netbook):
        await shows(device, "At my large screen.", "At my small screen.", what="what is typed on the netbook")
    for text in ("At my large screen.", "At my small screen."):
        checks.ok(await scene.juliet.expect("message", lambda stanza: stanza["body"] == text), f"juliet hears: {text}")
    checks.equal(len(scene.juliet.bodies()), 2, "... each once")


async def talk_without_the_laptop(scene, texts, answer):
    scene.juliet_says(*texts)
    await shows(scene.netbook, *texts, what="what is said meanwhile")
    scene.netbook.type(answer)
    checks.ok(await scene.juliet.expect("message", lambda stanza: stanza["body"] == answer), "juliet hears an answer")


async def lose_the_connection(scene):
    texts = "Lady, by yonder blessed moon", "O, swear not by the moon"
    scene.proxy.refuse()
    scene.proxy.cut()
    scene.laptop.type("/win 1")
    checks.ok(await scene.laptop.sees("Lost connection"), "cut: Profanity notices", scene.laptop.tail())
    await talk_without_the_laptop(scene, texts, "What shall I swear by?")
    scene.proxy.welcome()
    checks.ok(await scene.laptop.sees("Connection re-established."), "cut: Profanity is back", scene.laptop.tail())
    scene.laptop.type("/msg juliet@localhost")
    await shows(scene.laptop, *texts, "What shall I swear by?", what="after that all of it, once and in order")
    await speak_again(scene, "cut")


async def fall_silent(scene):
    texts = "Do not swear at all", "Or if thou wilt"
    scene.laptop.type("/win 1")
    scene.laptop.type("/mam on")
    scene.laptop.type("/autoping timeout 2")
    scene.laptop.type("/autoping set 1")
    known = scene.proxy.accepted
    scene.proxy.silence()
    await talk_without_the_laptop(scene, texts, "If my heart's dear love")
    checks.ok(await scene.proxy.comes(lambda proxy: proxy.accepted > known), "silence: Profanity notices", scene.laptop.tail())
    checks.ok(await scene.laptop.sees("Autoping response timed out", "Connection re-established.", "++ juliet@localhost"),
              "silence: Profanity is back", scene.laptop.tail())
    scene.laptop.type("/autoping set 0")
    # COMPAT: Profanity 0.13 does not resume after its own ping has failed; it asks for the history when a window opens. Then
    # it asks for a page after the last one, with the <after/> beside the <set/>, so that it shows everything twice.
    scene.laptop.type("/close juliet@localhost")
    scene.laptop.type("/msg juliet@localhost")
    await shows(scene.laptop, *texts, "If my heart's dear love", what="all of it in its history, in order", once=False)
    await speak_again(scene, "silence")


async def speak_again(scene, how):
    text = f"Now I am back ({how})"
    scene.laptop.type(text)
    checks.ok(await scene.juliet.expect("message", lambda stanza: stanza["body"] == text), "juliet hears the laptop again")
    await shows(scene.netbook, text, what="it too")


async def play(scene):
    await know_each_other(scene)
    await enter(scene)
    await hear_the_same(scene)
    await lose_the_connection(scene)
    await fall_silent(scene)
    await scene.netbook.quit()
    await scene.laptop.quit()
    await scene.juliet.log_out()


async def main(binary):
    with tempfile.TemporaryDirectory(prefix="aldis-e2e-") as folder, Server(binary, PASSWORDS, checks) as server:
        with Terminal(pathlib.Path(folder)) as terminal, Proxy(server.starttls_port) as proxy:
            await play(Scene(server, proxy, terminal))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
