"""Profanity, a client for the terminal, in a tmux of the test's own: keys go in, the screen is read."""

import asyncio
import os
import shlex
import subprocess
import time

PATIENCE = 15  # seconds for anything that should appear on the screen at once

PREFERENCES = """
[ui]
splash=false
roster=false
history=false
[connection]
autoping=0
[logging]
chlog=false
"""


class Terminal:
    """A tmux server of the test's own, so that nobody's sessions are touched. Ends with the `with` block."""

    def __init__(self, folder):
        self.folder = folder
        self.command = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self.command, "kill-server"], capture_output=True)

    def tmux(self, *arguments):
        return subprocess.run([*self.command, *arguments], check=True, capture_output=True, text=True).stdout

    def panes(self):
        """Names of the clients that still run. (With the last one, tmux itself ends.)"""
        listed = subprocess.run([*self.command, "list-sessions", "-F", "#S"], capture_output=True, text=True)
        return listed.stdout.split()


class Profanity:
    """One person's client. `device` names its own home folder: a new device knows nothing of what was said before."""

    def __init__(self, terminal, name, device="laptop"):
        self.terminal, self.name, self.pane = terminal, name, f"{name}-{device}"
        home = terminal.folder / self.pane
        preferences = home / "config" / "profanity" / "profrc"
        preferences.parent.mkdir(parents=True, exist_ok=True)
        preferences.write_text(PREFERENCES)
        environment = {"HOME": home, "XDG_CONFIG_HOME": home / "config", "XDG_DATA_HOME": home / "data",
                       "PATH": os.environ["PATH"], "TERM": "screen", "LANG": "C.UTF-8"}
        command = ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), "profanity", "--log=DEBUG"]
        terminal.tmux("new-session", "-d", "-x", "180", "-y", "60", "-s", self.pane, shlex.join(command))

    def screen(self):
        return self.terminal.tmux("capture-pane", "-p", "-t", self.pane)

    def tail(self):
        """What stands on the screen, short enough for a complaint."""
        return "screen:\n" + "\n".join([line.rstrip() for line in self.screen().splitlines() if line.strip()][-25:])

    def type(self, line):
        self.terminal.tmux("send-keys", "-t", self.pane, "-l", line)
        self.terminal.tmux("send-keys", "-t", self.pane, "Enter")

    async def sees(self, *texts, seconds=PATIENCE):
        """Whether all of the texts stand on the screen, in this order, within so many seconds."""
        deadline = time.monotonic() + seconds
        while not in_order(texts, self.screen()):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    async def log_in(self, password, port, tls, fingerprint):
        """As somebody does who compares the certificate's fingerprint before accepting it. True if it all worked."""
        await self.sees("/help")
        self.type(f"/connect {self.name}@localhost server 127.0.0.1 port {port} tls {tls}")
        await self.sees("Enter password")
        self.type(password)
        if not await self.sees("Fingerprint", fingerprint, "/tls allow"):
            return False
        self.type("/tls allow")
        return await self.sees(f"{self.name}@localhost", "logged in successfully")

    async def quit(self):
        self.type("/quit")
        deadline = time.monotonic() + PATIENCE
        while self.pane in self.terminal.panes() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)


def in_order(texts, screen):
    position = 0
    for text in texts:
        position = screen.find(text, position)
        if position < 0:
            return False
        position += len(text)
    return True
