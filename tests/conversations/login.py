"""The client's side of SASL: PLAIN and SCRAM with and without channel binding (RFC 4616, 5802, 7677)."""

import base64
import hashlib
import hmac
import secrets

SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'


def encoded(data):
    return base64.b64encode(data).decode()


async def authenticate(stream, mechanism, user, password, tls):
    if mechanism == 'PLAIN':
        return await _say(stream, 'auth', f'\0{user}\0{password}'.encode(), mechanism)
    return await _scram(stream, mechanism, user, password, tls)


async def _say(stream, element, data, mechanism=None):
    attribute = f" mechanism='{mechanism}'" if mechanism else ''
    await stream.send(f"<{element} xmlns='{SASL}'{attribute}>{encoded(data) or '='}</{element}>")
    return await stream.next()


async def _scram(stream, mechanism, user, password, tls):
    plus = mechanism.endswith('-PLUS')
    name = mechanism.removesuffix('-PLUS').removeprefix('SCRAM-').replace('SHA-', 'sha').lower()
    binding_name, binding = _binding(tls) if plus else ('', b'')
    gs2 = f'p={binding_name},,' if plus else 'n,,'
    first = f'n={user.replace("=", "=3D").replace(",", "=2C")},r={secrets.token_urlsafe(18)}'

    answer = await _say(stream, 'auth', (gs2 + first).encode(), mechanism)
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
    answer = await _say(stream, 'response', f'{without_proof},p={encoded(proof)}'.encode())
    if answer.name == 'success':
        expected = hmac.digest(hmac.digest(salted, b'Server Key', name), signed, name)
        if base64.b64decode(answer.text).decode() != f'v={encoded(expected)}':
            raise ValueError('the server does not know the password: its signature is wrong')
    return answer


def _binding(tls):
    if tls.version() == 'TLSv1.2':
        return 'tls-unique', tls.get_channel_binding('tls-unique')
    # Certificates made for tests are signed with SHA-256 (RFC 5929 section 4.1).
    return 'tls-server-end-point', hashlib.sha256(tls.getpeercert(binary_form=True)).digest()
