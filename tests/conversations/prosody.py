"""Prosody in the place of Aldis: to try conversations (and their runner) on a second opinion."""

from server import Server

MODULES = ('disco roster saslauth tls presence message iq offline ping time version lastactivity mam '
           'c2s posix uptime').split()


class Prosody(Server):
    async def prepare(self):
        data = self.directory / 'data'
        for account in self.accounts:
            folder = data / account.domain.replace('.', '%2e').replace('-', '%2d') / 'accounts'
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f'{account.localpart}.dat').write_text('return { ["password"] = "secret" };\n')
        data.mkdir(parents=True, exist_ok=True)
        (self.directory / 'config.lua').write_text(self._config(data))

    def _config(self, data):
        certificate, key = self._certificate
        modules = '; '.join(f'"{name}"' for name in MODULES)
        hosts = '\n'.join(f'VirtualHost "{domain}"' for domain in self._domains())
        return f'''
run_as_root = true
data_path = "{data}"; pidfile = "{data}/pid"; log = "*console"
modules_enabled = {{ {modules} }}; modules_disabled = {{ "s2s" }}
interfaces = {{ "127.0.0.1" }}; local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port_of('plain')} }}; c2s_direct_tls_ports = {{ {self.port_of('tls')} }}
c2s_require_encryption = false; allow_unencrypted_plain_auth = true; authentication = "internal_plain"
ssl = {{ certificate = "{certificate}"; key = "{key}" }}
c2s_direct_tls_ssl = {{ certificate = "{certificate}"; key = "{key}" }}
{hosts}
'''

    def _command(self):
        return ['prosody', '-F', '--config', str(self.directory / 'config.lua')]
