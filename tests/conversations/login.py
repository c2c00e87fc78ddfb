"""The client's side of SASL: PLAIN and SCRAM with and without channel binding (RFC 4616, 5802, 7677), in the words of
RFC 6120 or of XEP-0388."""

import base64
import hashlib
import hmac
import secrets

SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
SASL2 = 'urn:xmpp:sasl:2'


def encoded(data):
    return base64.b64encode(data).decode()


async def authenticate(stream, mechanism, user, password, tls):
    return await _log_in(_Old(stream), mechanism, user, password, tls)


async def authenticate2(stream, mechanism, user, password, tls, inside):
    """With what `inside` asks for. Returns the last word: <success/>, <failure/> or <continue/>."""
    return await _log_in(_New(stream, inside), mechanism, user, password, tls)


def hashed_token(user, token, binding=b''):
    """The first message of HT-SHA-256-*."""
    return user.encode() + b'\0' + hmac.digest(token.encode(), b'Initiator' + binding, 'sha256')


def salted_password(family, password, salt, iterations):
    """RFC 5802 section 3, in base64."""
    name = family.replace('SHA-', 'sha')
    return encoded(hashlib.pbkdf2_hmac(name, password.encode(), base64.b64decode(salt), int(iterations)))


class _Old:
    """RFC 6120 section 6."""
    def __init__(self, stream):
        self._stream = stream

    async def begin(self, mechanism, data):
        await self._stream.send(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{encoded(data) or '='}</auth>")
        return await self._stream.next()

    async def respond(self, data):
        await self._stream.send(f"<response xmlns='{SASL}'>{encoded(data) or '='}</response>")
        return await self._stream.next()

    @staticmethod
    def final(success):
        return base64.b64decode(success.text)


class _New:
    """XEP-0388."""
    def __init__(self, stream, inside):
        self._stream, self._inside = stream, inside

    async def begin(self, mechanism, data):
        await self._stream.send(f"<authenticate xmlns='{SASL2}' mechanism='{mechanism}'>"
                                f'<initial-response>{encoded(data)}</initial-response>{self._inside}</authenticate>')
        return await self._stream.next()

    async def respond(self, data):
        await self._stream.send(f"<response xmlns='{SASL2}'>{encoded(data)}</response>")
        return await self._stream.next()

    @staticmethod
    def final(success):
        return base64.b64decode(success.child('additional-data').text)


async def _log_in(words, mechanism, user, password, tls):
    if mechanism == 'PLAIN':
        return await words.begin(mechanism, f'\0{user}\0{password}'.encode())
    return await _scram(words, mechanism, user, password, tls)


async def _scram(words, mechanism, user, password, tls):
    plus = mechanism.endswith('-PLUS')
    name = mechanism.removesuffix('-PLUS').removeprefix('SCRAM-').replace('SHA-', 'sha').lower()
    binding_name, binding = _binding(tls) if plus else ('', b'')
    gs2 = f'p={binding_name},,' if plus else 'n,,'
    first = f'n={user.replace("=", "=3D").replace(",", "=2C")},r={secrets.token_urlsafe(18)}'

    answer = await words.begin(mechanism, (gs2 + first).encode())
    if answer.name != 'challenge':
        return answer
    challenge = base64.b64decode(answer.text).decode()
    fields = dict(field.split('=', 1) for field in challenge.split(','))
    salted = hashlib.pbkdf2_hmac(name, password.encode(), base64.b64decode(fields['s']), int(fields['i']))
    without_proof = f'c={encoded(gs2.encode() + binding)},r={fields["r"]}'
    signed = f'{first},{challenge},{without_proof}'.encode()

    key = hmac.digest(salted, b'Client Key', name)
    signature = hmac.digest(hashlib.new(name, key).digest(), signed, name)
    proof = bytes(left ^ right for left, right in zip(key, signature))
    answer = await words.respond(f'{without_proof},p={encoded(proof)}'.encode())
    if answer.name in ('success', 'continue'):
        expected = hmac.digest(hmac.digest(salted, b'Server Key', name), signed, name)
        if words.final(answer).decode() != f'v={encoded(expected)}':
            raise ValueError('the server does not know the password: its signature is wrong')
    return answer


def _binding(tls):
    if tls.version() == 'TLSv1.2':
        return 'tls-unique', tls.get_channel_binding('tls-unique')
    # Certificates made for tests are signed with SHA-256 (RFC 5929 section 4.1).
    return 'tls-server-end-point', hashlib.sha256(tls.getpeercert(binary_form=True)).digest()
