#include "connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace load {
namespace {

/// All connections read into this one: there is one thread, and what is left over is copied away.
std::array<char, 256 * 1024> scratch;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Endpoint resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0) throw std::runtime_error{host + ": " + ::gai_strerror(error)};
    Endpoint endpoint;
    endpoint.size = found->ai_addrlen;
    std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
    ::freeaddrinfo(found);
    return endpoint;
}

TlsContext::TlsContext() : context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free} {
    SSL_CTX_set_min_proto_version(get(), TLS1_3_VERSION);
    SSL_CTX_set_verify(get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(get(), 1);  // one read() for many small records
    SSL_CTX_set_default_read_buffer_len(get(), 64 * 1024);
}

void Connection::open(const Endpoint& endpoint) {
    descriptor_ = ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), "socket"};
    const int one = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const int result = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size);
    if (result != 0 && errno != EINPROGRESS) throw std::system_error{errno, std::generic_category(), "connect"};
    state_ = State::connecting;
    watches_writing_ = true;
    loop_.watch(descriptor_, *this, true);
}

void Connection::start_tls(const TlsContext& context, const std::string& server_name, bool direct) {
    static constexpr unsigned char alpn[] = "\x0bxmpp-client";
    tls_ = {SSL_new(context.get()), SSL_free};
    SSL_set_fd(tls_.get(), descriptor_);
    SSL_set_tlsext_host_name(tls_.get(), server_name.c_str());
    if (direct) SSL_set_alpn_protos(tls_.get(), alpn, sizeof alpn - 1);
    state_ = State::handshaking;
    shake_hands();
}

void Connection::close() {
    if (descriptor_ < 0) return;
    tls_.reset();
    ::close(descriptor_);
    descriptor_ = -1;
    state_ = State::closed;
    output_.clear();
    rest_.clear();
    loop_.forget(*this);
}

void Connection::cut() {
    if (descriptor_ < 0) return;
    const linger at_once{.l_onoff = 1, .l_linger = 0};  // close() sends RST instead of FIN
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void Connection::ready(bool readable, bool writable) {
    switch (state_) {
        case State::closed: return;
        case State::connecting: return finish_connecting();
        case State::handshaking: return shake_hands();
        case State::plain:
            if (readable) read_plain();
            break;
        case State::secure:
            if (readable) read_secure();
            break;
    }
    if (writable) flush();
}

void Connection::finish_connecting() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(std::strerror(error));
    state_ = State::plain;
    want_writing(false);
    owner_.connected();
}

void Connection::shake_hands() {
    ERR_clear_error();
    const int result = SSL_connect(tls_.get());
    if (result == 1) {
        state_ = State::secure;
        want_writing(false);
        return owner_.secured();
    }
    const int error = SSL_get_error(tls_.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return fail("the TLS handshake failed");
    want_writing(error == SSL_ERROR_WANT_WRITE);
}

void Connection::read_plain() {
    const ssize_t size = ::recv(descriptor_, scratch.data(), scratch.size(), 0);
    if (size < 0 && would_block(errno)) return;
    if (size <= 0) return fail(size == 0 ? "closed by the server" : std::strerror(errno));
    deliver({scratch.data(), static_cast<std::size_t>(size)});
}

/// Stops when OpenSSL holds nothing more: asking once more would only cost a read() that finds nothing.
void Connection::read_secure() {
    bool more = true;
    while (more && state_ == State::secure) {
        std::size_t filled = 0;
        int result = 1;
        while (filled + SSL3_RT_MAX_PLAIN_LENGTH <= scratch.size()) {
            ERR_clear_error();
            result = SSL_read(tls_.get(), scratch.data() + filled, static_cast<int>(scratch.size() - filled));
            if (result <= 0) break;
            filled += static_cast<std::size_t>(result);
            if (SSL_has_pending(tls_.get()) == 0) break;
        }
        const int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(tls_.get(), result);
        more = result > 0 && SSL_has_pending(tls_.get()) != 0;
        if (filled > 0) deliver({scratch.data(), filled});
        if (state_ == State::secure && error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ)
            return fail(error == SSL_ERROR_ZERO_RETURN ? "closed by the server" : "the TLS connection broke");
    }
}

void Connection::deliver(std::string_view bytes) {
    loop_.note_bytes();
    if (rest_.empty()) {
        const std::size_t taken = owner_.received(bytes);
        rest_.assign(bytes.substr(taken));
    } else {
        rest_.append(bytes);
        const std::size_t taken = owner_.received(rest_);
        rest_.erase(0, taken);
    }
}

void Connection::flush() {
    if (state_ != State::plain && state_ != State::secure) return;
    std::size_t written = 0;
    while (written < output_.size()) {
        const std::string_view left = std::string_view{output_}.substr(written);
        const std::ptrdiff_t size = tls_ ? write_secure(left) : write_plain(left);
        if (size < 0) return fail("cannot write");
        if (size == 0) break;
        written += static_cast<std::size_t>(size);
    }
    output_.erase(0, written);
    want_writing(!output_.empty());
}

std::ptrdiff_t Connection::write_plain(std::string_view bytes) {
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return size < 0 && would_block(errno) ? 0 : size;
}

std::ptrdiff_t Connection::write_secure(std::string_view bytes) {
    ERR_clear_error();
    const int size =
        SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
    if (size > 0) return size;
    const int error = SSL_get_error(tls_.get(), size);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

void Connection::fail(std::string_view why) {
    close();
    owner_.closed(why);
}

void Connection::want_writing(bool wanted) {
    if (wanted == watches_writing_) return;
    watches_writing_ = wanted;
    loop_.watch_again(descriptor_, *this, wanted);
}

}  // namespace load
