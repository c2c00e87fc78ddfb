// What Connection does under TLS.

#include <sys/socket.h>

#include "net/connection.h"
#include "net/secure_layer.h"
#include "tls/context.h"

namespace aldis::net {
namespace {

constexpr std::chrono::seconds longest_handshake{15};
constexpr int most_discarded_chunks = 16;
constexpr std::size_t encrypted_at_once = 128 * 1024;  // of plain text, before the kernel is asked to take it

using State = tls::Stream::State;

}  // namespace

bool Connection::shaking_hands() const { return secure_ && secure_->stream->state() == State::handshake; }

const TlsInfo* Connection::tls() const {
    if (!secure_ || !secure_->stream->established()) return nullptr;
    return &secure_->stream->info();
}

void Connection::prefer_domain(std::string_view domain) { preferred_domain_ = std::make_unique<std::string>(domain); }

void Connection::start_tls() {
    if (phase_ != Phase::open || secure_) return;
    discard_input();
    begin_tls({});
}

void Connection::start_direct_tls(std::string_view alpn) { begin_tls(alpn); }

// RFC 6120 section 5.4.3.3 and the attack on STARTTLS that injects text before the handshake: nothing that came in the
// clear after the request may ever be read as if it had come under TLS.
void Connection::discard_input() {
    const std::span<char> bin = shard_->plain_scratch();  // the other one may be the caller's at this moment
    for (int i = 0; i < most_discarded_chunks; ++i)
        if (recv(socket_.get(), bin.data(), bin.size(), 0) <= 0) return;  // what went wrong, the next read tells
    finish(Closed::broken);
}

void Connection::begin_tls(std::string_view alpn) {
    if (!alive()) return;
    if (!tls_context_) return finish(Closed::broken);
    secure_ = std::make_unique<SecureLayer>();
    const std::string domain = preferred_domain_ ? *preferred_domain_ : std::string{};
    secure_->stream = tls_context_->accept(shard_->index(), alpn, domain);
    preferred_domain_.reset();
    tls_context_.reset();
    // What is queued by now is still meant to go out in the clear.
    std::swap(secure_->wire, output_);
    throttled_ = false;
    start_timer(longest_handshake);
    update_interest();
    flush_soon();
}

void Connection::shake_hands(std::string_view encrypted) {
    std::string& out = shard_->cipher_scratch();
    out.clear();
    secure_->stream->shake_hands(encrypted, out);
    queue_encrypted(out);
    if (secure_->stream->state() == State::failed) return break_off();
    if (secure_->stream->state() == State::handshake) return;
    cancel();
    secure_->early = encrypted;
    flush_soon();  // what was sent meanwhile, and what the peer sent with the end of its handshake
    tell_of_tls();
}

void Connection::tell_of_tls() {
    try {
        receiver_->on_tls();
    } catch (...) {
        finish(Closed::broken);
        throw;
    }
}

void Connection::decrypt_early() {
    if (secure_->early.empty() || !wants_to_read() || shard_ == nullptr) return;
    const std::string early = std::exchange(secure_->early, {});
    decrypt(early);
}

void Connection::decrypt(std::string_view encrypted) {
    std::string& out = shard_->cipher_scratch();
    out.clear();
    const std::size_t size = secure_->stream->receive(encrypted, shard_->plain_scratch(), out);
    queue_encrypted(out);
    const State state = secure_->stream->state();
    if (size > 0 && receiver_ != nullptr) deliver({shard_->plain_scratch().data(), size});
    if (state == State::failed && alive()) return break_off();
    if (state == State::ended && alive()) at_end_of_input(Closed::by_peer);
}

void Connection::write_encrypted() {
    write_some(secure_->wire);
    std::string& out = shard_->cipher_scratch();
    while (alive() && !blocked_ && !output_.empty() && !shaking_hands()) {
        out.clear();
        const std::string_view plain = output_.pending().substr(0, encrypted_at_once);
        secure_->stream->send(plain, out);
        if (secure_->stream->state() == State::failed) return finish(Closed::broken);
        output_.consume(plain.size(), pool());
        const std::size_t sent = put(out);
        if (alive() && sent < out.size()) secure_->wire.append(std::string_view{out}.substr(sent), pool());
    }
}

/// What OpenSSL itself has to say: handshake, alerts, key updates.
void Connection::queue_encrypted(std::string_view bytes) {
    if (bytes.empty()) return;
    secure_->wire.append(bytes, pool());
    count_queued();
    flush_soon();
}

/// close_notify, once.
void Connection::say_goodbye() {
    if (!secure_ || secure_->goodbye_said) return;
    secure_->goodbye_said = true;
    std::string& out = shard_->cipher_scratch();
    out.clear();
    secure_->stream->end(out);
    queue_encrypted(out);
    if (!blocked_) write_out();
}

/// The peer gets the alert that says why, if the kernel takes it at once.
void Connection::break_off() {
    if (!alive()) return;
    if (shard_ != nullptr && !blocked_) write_some(secure_->wire);
    finish(Closed::broken);
}

}  // namespace aldis::net
