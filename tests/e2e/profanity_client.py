"""Profanity, a client for the terminal."""

import hashlib
import pathlib
import ssl

from terminal import Program

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


def fingerprint_of(certificate):
    """As Profanity shows it."""
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())).hexdigest()


class Profanity(Program):
    """One person's client, without a terminal window of its own: a pane that the test reads and types into."""

    def __init__(self, terminal, name, device="laptop"):
        self.name = name
        preferences = terminal.folder / f"{name}-{device}" / "config" / "profanity" / "profrc"
        preferences.parent.mkdir(parents=True, exist_ok=True)
        preferences.write_text(PREFERENCES)
        super().__init__(terminal, f"{name}-{device}", ["profanity", "--log=DEBUG"])

    async def log_in(self, password, port, tls, fingerprint, trust="allow"):
        """As somebody does who compares the certificate's fingerprint before accepting it, once or always. True if it all
        worked."""
        await self.sees("/help")
        self.type(f"/connect {self.name}@localhost server 127.0.0.1 port {port} tls {tls}")
        await self.sees("Enter password")
        self.type(password)
        if not await self.sees("Fingerprint", fingerprint, "/tls allow"):
            return False
        self.type(f"/tls {trust}")
        return await self.sees(f"{self.name}@localhost", "logged in successfully")
