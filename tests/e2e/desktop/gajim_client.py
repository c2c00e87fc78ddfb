"""Gajim under Xvfb, with an account that was set up before: keys go in, pictures and its own history come out."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess

from tap import poll

TOOLS = {"gajim": "gajim", "Xvfb": "xvfb", "xdotool": "xdotool", "scrot": "scrot", "dbus-run-session": "dbus",
         "setpriv": "util-linux", "gdbus": "libglib2.0-bin"}
NOBODY = 65534  # Gajim does not run as root
PATIENCE = 60  # seconds for its start
SCREEN = "1100x720x24"
WORKSPACE, CHAT, INPUT = (34, 118), (230, 172), (760, 690)  # where they are on that screen
EDIT, EDIT_PICTURE, UPDATE, SAVE = (852, 625), (632, 279), (594, 625), (848, 625)  # ... in the window of the profile

SETTINGS = """
CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);
CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);
PRAGMA user_version = 5;
"""
APPLICATION = {"check_for_update": False, "use_keyring": False, "show_trayicon": False, "remote_commands": False,
               "autodetect_browser_mailer": False, "dark_theme": 0}
NAMES = ("soundevents", "status_presets", "proxies", "plugins")


OMEMO = pathlib.Path("/usr/share/gajim/plugins/omemo")


def missing(plugins=()):
    """The Debian packages that are not here."""
    wanted = {package for tool, package in TOOLS.items() if shutil.which(tool) is None}
    return sorted(wanted | {"gajim-omemo" for plugin in plugins if plugin == OMEMO.name and not OMEMO.exists()})


def account(name, password, port, resource, encrypts_for):
    return {"account": {"name": name, "hostname": "localhost", "password": password, "resource": resource, "savepass": True,
                        "active": True, "autoconnect": True, "use_custom_host": True, "custom_host": "127.0.0.1",
                        "custom_port": port, "custom_type": "START TLS"},
            "contact": {partner: {"encryption": "OMEMO"} for partner in encrypts_for}, "group_chat": {}}


def workspace(partner):
    """One window, in which that chat is open."""
    chat = {"account": "aldis", "jid": {"__type": "JID", "value": partner}, "type": "contact", "pinned": False, "position": -1}
    return {"e2e": {"name": "Aldis", "color": "", "avatar_sha": "", "chats": [chat]}}


def end(process):
    """Waits until it has ended by itself; kills it, and what it started, if it does not."""
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Gajim:
    """`with Gajim(folder, certificate, "romeo", password, port, partner) as gajim:` - logs in by itself.

    `omemo` turns its plugin on, and encrypts what is said to the partner.
    """

    def __init__(self, folder, certificate, name, password, port, partner, resource="desktop", omemo=False):
        self.home, self.pictures = folder / "gajim", folder / "pictures"
        self.profile = self.home / "profile"
        self.certificate, self.partner = certificate, partner
        self.account = account(name, password, port, resource, [partner] if omemo else [])
        self.plugins = {"omemo": {"active": True}} if omemo else {}
        self.screen = self.program = None

    def __enter__(self):
        self.prepare()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.program is not None:
            self.run("xdotool", "key", "ctrl+q")
            end(self.program)
        if self.screen is not None:
            self.screen.terminate()
            end(self.screen)

    def prepare(self):
        (self.profile / "cert_store").mkdir(parents=True)
        self.pictures.mkdir()
        shutil.copy(self.certificate, self.profile / "cert_store" / "aldis")
        settings = sqlite3.connect(self.profile / "settings.sqlite")
        settings.executescript(SETTINGS)
        rows = {"app": APPLICATION, "workspaces": workspace(self.partner), **{name: {} for name in NAMES},
                "plugins": self.plugins}
        settings.executemany("INSERT INTO settings VALUES (?, ?)", [(name, json.dumps(row)) for name, row in rows.items()])
        settings.execute("INSERT INTO account_settings VALUES ('aldis', ?)", [json.dumps(self.account)])
        settings.commit()
        settings.close()
        if os.geteuid() == 0:
            for path in (self.home.parent, self.home, self.pictures, *self.home.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def start(self):
        reading, writing = os.pipe()
        self.screen = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
                                       pass_fds=[writing], start_new_session=True, stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as display:
            number = display.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.environment = {"DISPLAY": f":{number}", "HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                            "XDG_RUNTIME_DIR": str(self.home), "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1",
                            "GSETTINGS_BACKEND": "memory", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        self.drop = user if os.geteuid() == 0 else []
        with (self.pictures / "gajim.log").open("wb") as log:
            self.program = subprocess.Popen([*self.drop, "dbus-run-session", "--", "gajim", "-c", str(self.profile), "-v"],
                                            env=self.environment, cwd=self.home, start_new_session=True, stdout=log, stderr=log)
        if not poll(lambda: self.run("xdotool", "search", "--onlyvisible", "--class", "gajim"), PATIENCE):
            raise RuntimeError("Gajim shows no window")

    def open_chat(self):
        """Fills the screen with the window, and turns to the one chat of its workspace."""
        window = self.run("xdotool", "search", "--onlyvisible", "--class", "gajim").split()[0]
        self.run("xdotool", "windowmove", window, "0", "0", "windowsize", window, *SCREEN.split("x")[:2], "windowfocus", window)
        self.click(*WORKSPACE)
        self.click(*CHAT)
        self.click(*INPUT)

    def set_picture(self, path):
        """As somebody does in the window of the own profile."""
        self.act("aldis-profile")
        self.focus("Profile")
        self.click(*EDIT)
        self.click(*EDIT_PICTURE)
        self.focus("Choose Avatar")
        self.type(str(path))
        self.focus("Profile")
        self.click(*UPDATE)
        self.click(*SAVE)

    def focus(self, title):
        """Waits for the window; without a window manager, keys go to the last one otherwise."""
        found = poll(lambda: self.run("xdotool", "search", "--onlyvisible", "--name", "^" + title), PATIENCE)
        if not found:
            raise RuntimeError(f"Gajim shows no window {title}")
        self.run("xdotool", "sleep", "1", "windowfocus", found.split()[-1], "sleep", "0.5")

    def act(self, action):
        """What is in the menu of the account."""
        children = pathlib.Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text().split()
        buses = [each for child in children for each in pathlib.Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
                 if each.startswith(b"DBUS_SESSION_BUS_ADDRESS=")]
        self.run(*self.drop, "env", buses[0].decode(), "gdbus", "call", "--session", "--dest", "org.gajim.Gajim", "--object-path",
                 "/org/gajim/Gajim", "--method", "org.gtk.Actions.Activate", action, '[<"aldis">]', "{}")

    def click(self, x, y):
        self.run("xdotool", "mousemove", str(x), str(y), "sleep", "0.3", "click", "1", "sleep", "0.7")

    def run(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True).stdout

    def type(self, text):
        self.run("xdotool", "type", "--delay", "30", text)
        self.run("xdotool", "key", "Return")

    def picture(self, name):
        path = self.pictures / f"{name}.png"
        self.run("scrot", "--overwrite", str(path))
        return path

    def history(self):
        """What its own database says of the chat, in the order in which Gajim learnt it."""
        path = self.profile / "logs.db"
        if not path.exists():
            return []
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            texts = database.execute("SELECT message FROM logs WHERE message IS NOT NULL ORDER BY log_line_id")
            return [text for text, in texts]
        except sqlite3.OperationalError:
            return []
        finally:
            database.close()
