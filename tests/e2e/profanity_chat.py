"""Two people with Profanity, one over STARTTLS and one over direct TLS, and a third with slixmpp.

Usage: profanity_chat.py PATH_OF_ALDIS
"""

import asyncio
import pathlib
import sys
import tempfile

from profanity_client import Profanity, fingerprint_of
from server import Server
from slixmpp_client import Client
from tap import Checks
from terminal import Terminal

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet", "nurse")}
checks = Checks()


class Scene:
    """Who is on the stage: the server, and a terminal for the clients."""

    def __init__(self, server, terminal):
        self.server, self.terminal = server, terminal
        self.fingerprint = fingerprint_of(server.certificate)

    async def enter(self, name, tls, device="laptop"):
        client = Profanity(self.terminal, name, device)
        port = self.server.direct_tls_port if tls == "legacy" else self.server.starttls_port
        there = await client.log_in(PASSWORDS[name], port, tls, self.fingerprint)
        if not checks.ok(there, f"{name} logs in ({tls}, {device})", client.tail()):
            raise RuntimeError("nothing else can be tested")
        return client


async def sees(client, *texts, what):
    checks.ok(await client.sees(*texts), f"{client.name} {what}", client.tail())


async def become_friends(romeo, juliet):
    for asker, asked in ((romeo, juliet), (juliet, romeo)):
        asker.type(f"/sub request {asked.name}@localhost")
        await sees(asked, f"Received authorization request from {asker.name}@localhost", what="is asked")
        asked.type(f"/sub allow {asker.name}@localhost")
        await sees(asker, f"Subscription received from {asked.name}@localhost", what="is told yes")
        await sees(asker, f"++ {asked.name}@localhost", "is online", what=f"sees {asked.name}")


async def talk(romeo, juliet):
    romeo.type("/msg juliet@localhost Art thou not fair?")
    await sees(juliet, "<< chat message: romeo@localhost", what="is told of a message")
    juliet.type("/msg romeo@localhost Neither, if either thee dislike.")
    await sees(juliet, "romeo@localhost", ": Art thou not fair?", "me: Neither, if either", what="reads it and answers")
    await sees(romeo, "me: Art thou not fair?", ": Neither, if either thee dislike.", what="reads the answer")


async def talk_to_slixmpp(scene, juliet):
    nurse = Client("nurse", PASSWORDS["nurse"], scene.server.certificate)
    checks.ok(await nurse.log_in(scene.server.starttls_port, direct_tls=False), "nurse logs in (slixmpp)")
    juliet.type("/msg nurse@localhost What says he of our marriage?")
    heard = await nurse.expect("message", lambda stanza: stanza["body"] == "What says he of our marriage?")
    checks.ok(heard, "nurse hears juliet")
    nurse.send_message(mto="juliet@localhost", mbody="Lord, how my head aches!", mtype="chat")
    await sees(juliet, "What says he", ": Lord, how my head aches!", what="hears nurse")
    await nurse.log_out()


async def miss_messages(scene, romeo, juliet):
    await juliet.quit()
    romeo.type("/win 1")
    await sees(romeo, "-- juliet@localhost", "is offline", what="sees juliet leave")
    for text in ("Wherefore art thou offline?", "Good night, good night."):
        romeo.type(f"/msg juliet@localhost {text}")
    await sees(romeo, "me: Wherefore", "me: Good night", what="writes all the same")

    juliet = await scene.enter("juliet", "force")
    await sees(juliet, "<< chat message: romeo@localhost", what="is told of what was missed")
    juliet.type("/msg romeo@localhost")
    await sees(juliet, ": Wherefore art thou offline?", ": Good night, good night.", what="gets it in order")
    romeo.type("/win 1")
    await sees(romeo, "is offline", "++ juliet@localhost", "is online", what="sees juliet come back")
    await juliet.quit()


async def read_history(scene):
    juliet = await scene.enter("juliet", "force", device="new-phone")
    juliet.type("/mam on")
    await sees(juliet, "Message Archive Management enabled", what="asks for the history")
    juliet.type("/msg romeo@localhost")
    await sees(juliet, ": Art thou not fair?", "Neither, if either", ": Wherefore art thou offline?", ": Good night",
               what="finds it on a new device")
    await juliet.quit()


async def play(scene):
    romeo = await scene.enter("romeo", "force")
    juliet = await scene.enter("juliet", "legacy")  # what Profanity 0.13 calls direct TLS
    await become_friends(romeo, juliet)
    juliet.type('/status set away "on the balcony"')
    await sees(romeo, "++ juliet@localhost", 'is away, "on the balcony"', what="sees juliet go on the balcony")
    await talk(romeo, juliet)
    await talk_to_slixmpp(scene, juliet)
    await miss_messages(scene, romeo, juliet)
    await read_history(scene)
    await romeo.quit()


async def main(binary):
    with tempfile.TemporaryDirectory(prefix="aldis-e2e-") as folder, Server(binary, PASSWORDS, checks) as server:
        with Terminal(pathlib.Path(folder)) as terminal:
            await play(Scene(server, terminal))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
