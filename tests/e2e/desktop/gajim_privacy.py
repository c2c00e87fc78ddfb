"""Gajim with its OMEMO plugin, twice under Xvfb, and Profanity: romeo's desktop, juliet's, and a second device of romeo's. They publish
and read keys, and talk so that the server does not understand it; the picture that one sets the others show, and a bookmark is
known to both. Leaves pictures of the screens for somebody to look at.

Usage: gajim_privacy.py PATH_OF_ALDIS [FOLDER_FOR_PICTURES]
Not one of the tests: Gajim and the screens come with 70 packages. It says what is missing.
"""

import asyncio
import contextlib
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from gajim_client import Gajim, missing
from profanity_privacy import PASSWORDS, ROOM, Scene, checks, device_ids, keys_are_published, know_each_other, make_keys, sealed, sees
from server import Server
from slixmpp_person import succeeded
from slixmpp_profile import picture
from terminal import Program, Terminal

PICTURES = pathlib.Path(__file__).parents[3] / "build" / "desktop"
PATIENCE = 30  # seconds for what Gajim does at once
SKIPPED = 77


class Desktops(Scene):
    """Both desktops are Gajim; `phone` is Profanity."""

    def __init__(self, server, terminal, folder):
        super().__init__(server, terminal)
        self.folder = folder
        self.desktops = {}

    def desktop(self, name, partner):
        folder = self.folder / name
        folder.mkdir()
        account = name, PASSWORDS[name], self.server.starttls_port
        self.desktops[name] = Gajim(folder, self.server.certificate, *account, partner=f"{partner}@localhost", omemo=True)
        return self.desktops[name]

    def take_pictures(self, name):
        for desktop in self.desktops.values():
            desktop.picture(name)


def log_of(gajim):
    return (gajim.pictures / "gajim.log").read_text(errors="replace")


async def logs(gajim, *texts):
    """Whether Gajim's log has all of them, or gets them."""
    return await Program.until(lambda: all(text in log_of(gajim) for text in texts), PATIENCE)


async def have_keys(scene):
    """Gajim makes and publishes them by itself, Profanity when it is told to."""
    await make_keys(scene.phone)
    for owner, count in (("romeo@localhost", 2), ("juliet@localhost", 1)):
        for _ in range(PATIENCE * 5):
            if len(await device_ids(scene.spectator, owner)) >= count:
                break
            await asyncio.sleep(0.2)
    await keys_are_published(scene)


async def talk_in_secret(scene):
    romeo, juliet = scene.desktops.values()
    for desktop in (romeo, juliet):
        desktop.open_chat()
    scene.phone.type("/msg juliet@localhost")
    scene.phone.type("/omemo start")
    await sees(scene.phone, "juliet@localhost", "[OMEMO]", what="turns encryption on")
    said = []
    for speaker, text in ((romeo, "But soft, what light"), (juliet, "Ay me!"), (scene.phone, "She speaks")):
        speaker.type(text)
        said.append(text)
        for name, desktop in scene.desktops.items():
            shown = await Program.until(lambda desktop=desktop: text in desktop.history(), PATIENCE)
            checks.ok(shown, f"Gajim shows {name}: {text}", str(desktop.history()))
        await sees(scene.phone, text, what=f"shows the second device: {text}")
    await asyncio.sleep(1)
    scene.take_pictures("1-secret")
    await sealed(scene)


async def picture_is_seen(scene):
    path = scene.folder / "picture.png"
    path.write_bytes(picture(200, 30, 30))
    scene.phone.type("/win 1")
    scene.phone.type(f"/avatar set {path}")
    for name, desktop in scene.desktops.items():
        checks.ok(await logs(desktop, "Received Avatar: romeo@localhost"), f"{name}'s Gajim has the picture that Profanity sets")
    vcard = await scene.spectator.ask("get", "<vCard xmlns='vcard-temp'/>", "romeo@localhost")
    found = [each.text for each in vcard.xml.iter("{vcard-temp}BINVAL")] if succeeded(vcard) else []
    checks.ok(found, "... which is in the vCard, too")
    await asyncio.sleep(2)
    scene.take_pictures("2-picture")


async def picture_is_set(scene):
    path = scene.folder / "another.png"
    path.write_bytes(picture(30, 200, 30, side=200))
    path.chmod(0o644)
    romeo, juliet = scene.desktops.values()
    received = log_of(juliet).count("Received Avatar: romeo@localhost")
    romeo.set_picture(path)
    heard = await Program.until(lambda: log_of(juliet).count("Received Avatar: romeo@localhost") > received, PATIENCE)
    checks.ok(heard, "juliet's Gajim has the picture that romeo's sets")
    await asyncio.sleep(2)
    scene.take_pictures("4-another-picture")


async def bookmarks_in_step(scene):
    scene.phone.type(f"/bookmark add {ROOM} nick Romeo autojoin off")
    await sees(scene.phone, f"Bookmark added for {ROOM}.", what="bookmarks a room")
    romeo = scene.desktops["romeo"]
    checks.ok(await logs(romeo, "urn:xmpp:bookmarks:1", ROOM), "romeo's Gajim is told of it")
    romeo.run("xdotool", "key", "ctrl+n")
    await asyncio.sleep(2)
    romeo.picture("3-bookmark")
    romeo.run("xdotool", "key", "Escape")


async def play(scene):
    await know_each_other(scene)
    scene.phone = await scene.enter("romeo", "phone")
    with contextlib.ExitStack() as stack:
        for name, partner in (("romeo", "juliet"), ("juliet", "romeo")):
            stack.enter_context(scene.desktop(name, partner))
        try:
            await have_keys(scene)
            await talk_in_secret(scene)
            await picture_is_seen(scene)
            await bookmarks_in_step(scene)
            await picture_is_set(scene)
        finally:
            scene.take_pictures("5-end")
    await scene.phone.quit()
    await scene.spectator.log_out()


async def main(binary, pictures=PICTURES):
    with tempfile.TemporaryDirectory(prefix="aldis-e2e-") as folder, Server(binary, PASSWORDS, checks) as server:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)  # Gajim is another user
        with Terminal(folder) as terminal:
            scene = Desktops(server, terminal, folder)
            try:
                await play(scene)
            finally:
                for name in scene.desktops:
                    shutil.copytree(folder / name / "pictures", pathlib.Path(pictures) / f"privacy-{name}", dirs_exist_ok=True)
                print(f"# The screens: {pictures}")


if __name__ == "__main__":
    if lacking := missing(plugins=["omemo"]):
        print("skipped: needs `apt-get install --no-install-recommends " + " ".join(lacking) + "`")
        sys.exit(SKIPPED)
    asyncio.run(main(*sys.argv[1:]))
    checks.finish()
