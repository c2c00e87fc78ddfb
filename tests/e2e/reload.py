"""SIGHUP: a certificate that was renewed on disk, another log level, and files with mistakes, which change nothing.

Usage: reload.py PATH_OF_ALDIS
"""

import hashlib
import signal
import subprocess
import sys

from server import Server
from tap import Checks, poll
from wire import Wire, open_socket

PASSWORDS = {"romeo": "secret-romeo"}
DONE = "the configuration was read again"
REFUSED = "the configuration was not read again"
checks = Checks()


class Operator:
    """Changes files and sends signals."""

    def __init__(self, server):
        self.server = server
        self.key = server.certificate.removesuffix(".pem") + ".key"

    def renew(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.key, "-out", self.server.certificate], check=True, capture_output=True, timeout=30)

    def reload(self, wanted):
        """True if the log then says what is wanted, once more than before."""
        before = self.count(wanted)
        self.server.process.send_signal(signal.SIGHUP)
        return poll(lambda: self.count(wanted) > before, 10)

    def count(self, text):
        return self.server.log.read_text(errors="replace").count(text)


def shown(server):
    """The fingerprint of the certificate that a new connection is shown."""
    with open_socket(server.direct_tls_port, tls=True) as secure:
        return hashlib.sha256(secure.getpeercert(binary_form=True)).hexdigest()


def connects(server):
    wire = Wire(server.direct_tls_port, tls=True).log_in("romeo", PASSWORDS["romeo"], resource="short")
    answered = wire.ping()
    wire.close()
    return answered


def renewed_certificate(server, operator, client):
    first = shown(server)
    checks.equal(shown(server), first, "every connection is shown the same certificate")
    operator.renew()
    checks.equal(shown(server), first, "a file that changes is not looked at by itself")
    checks.ok(operator.reload(DONE), "SIGHUP reads it again")
    second = shown(server)
    # Each shard has its own copy, and connections are spread over them.
    checks.ok(second != first and all(shown(server) == second for _ in range(20)), "new connections are shown the new one")
    checks.ok(client.ping(), "who was connected stays connected")


def log_level(server, operator):
    lines = operator.count(" debug ")
    connects(server)
    checks.equal(operator.count(" debug "), lines, "there is no debug in the log")
    server.configure(server.more + '\n[log]\nlevel = "debug"\n')
    checks.ok(operator.reload(DONE), "SIGHUP reads another level")
    broken = Wire(server.starttls_port)
    broken.open_stream()
    broken.send("<not<well-formed>")
    checks.ok(broken.until_closed(10) and poll(lambda: operator.count(" debug ") > lines, 5), "and now there is")
    server.configure(server.more + '\n[log]\nlevel = "error"\n')
    server.process.send_signal(signal.SIGHUP)
    checks.ok(poll(lambda: adds_nothing(server), 5), "or hardly anything")


def adds_nothing(server):
    """To the log, by logging in."""
    before = server.log.read_text()
    return connects(server) and server.log.read_text() == before


def mistakes(server, operator, client):
    good = server.config.read_text()
    server.configure(server.more)
    checks.ok(operator.reload(DONE), "SIGHUP reads the first file again")
    before = shown(server)
    cases = {
        "a file that is no TOML": good + "\n[[[",
        "an unknown key": good + "\n[limits]\nno_such_thing = 1\n",
        "a value out of range": good + "\n[limits]\ndepth = 1\n",
        "a certificate that is not there": good + f'\n[[domain]]\nname = "localhost"\ncertificate = "{server.folder}/none.pem"\n',
    }
    for name, text in cases.items():
        server.config.write_text(text)
        checks.ok(operator.reload(REFUSED), f"{name} is refused, and the log says so")
        checks.ok(connects(server) and shown(server) == before, "... and nothing changes")
    server.config.unlink()
    checks.ok(operator.reload(REFUSED), "a file that is not there is refused, and the log says so")
    server.configure(server.more)
    broken_certificate(server, operator, before)
    checks.ok(client.ping(), "who was connected still is")


def broken_certificate(server, operator, before):
    with open(server.certificate, "w", encoding="ascii") as file:
        file.write("-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n")
    checks.ok(operator.reload(REFUSED), "a certificate that is none is refused, and the log says so")
    checks.ok(connects(server) and shown(server) == before, "... and the old one is shown")
    operator.renew()
    certificate = open(server.certificate, encoding="ascii").read()
    operator.renew()
    with open(server.certificate, "w", encoding="ascii") as file:
        file.write(certificate)
    checks.ok(operator.reload(REFUSED), "a key of another certificate is refused, and the log says so")
    checks.ok(connects(server) and shown(server) == before, "... and the old ones are used")
    operator.renew()
    checks.ok(operator.reload(DONE) and shown(server) != before, "once they fit, they are used")


def many(server, operator, client):
    for _ in range(50):
        server.process.send_signal(signal.SIGHUP)
    checks.ok(connects(server) and client.ping() and operator.reload(DONE), "it survives fifty at once")


def main(binary):
    with Server(binary, PASSWORDS, checks, plain=True) as server:
        operator = Operator(server)
        client = Wire(server.direct_tls_port, tls=True).log_in("romeo", PASSWORDS["romeo"])
        renewed_certificate(server, operator, client)
        log_level(server, operator)
        mistakes(server, operator, client)
        many(server, operator, client)
        checks.equal(server.stop(), 0, "the server ends when it is asked to")


if __name__ == "__main__":
    main(sys.argv[1])
    checks.finish()
