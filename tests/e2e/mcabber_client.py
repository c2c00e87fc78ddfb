"""MCabber, a client for the terminal."""

import hashlib
import pathlib
import ssl

from terminal import Program

SETTINGS = """
set jid = {name}@localhost
set password = {password}
set server = 127.0.0.1
set port = {port}
set resource = {device}
set disable_random_resource = 1
set tls = 1
set ssl_fingerprint = SHA256:{fingerprint}
set carbons = 1
set logging = 0
set escdelay = 50
set disable_chatstates = 0
set pinginterval = 0
set log_win_height = 12
"""


class MCabber(Program):
    """One person's client, which logs in by itself."""

    def __init__(self, terminal, name, password, port, certificate, device="laptop"):
        self.name = name
        settings = terminal.folder / f"{name}-{device}" / "mcabberrc"
        settings.parent.mkdir(parents=True, exist_ok=True)
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())).hexdigest()
        settings.write_text(SETTINGS.format(name=name, password=password, port=port, fingerprint=fingerprint, device=device))
        settings.chmod(0o600)
        super().__init__(terminal, f"{name}-{device}", ["mcabber", "-f", str(settings)])

    async def logged_in(self):
        return await self.sees("Connection established.", "Carbons enabled.")

    async def turn_to(self, name):
        """What is typed from now on is said to this contact."""
        self.type(f"/roster search {name}")
        self.type("")  # shows what was said
        return await self.sees(f"Buddy: {name}")
