#include "net/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/secure_layer.h"

namespace aldis::net {
namespace {

constexpr std::size_t default_queue_limit = 1024 * 1024;
constexpr std::chrono::seconds longest_flush{5};
constexpr std::chrono::seconds longest_goodbye{2};  // from our end of file to the peer's
constexpr std::chrono::seconds longest_handshake{15};

bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// What an idle connection costs; memory per session is one of the things that Aldis is measured by.
static_assert(sizeof(Connection) <= 320);

}  // namespace

Connection::Connection(Shard& shard, Fd socket, std::string peer_address, std::shared_ptr<tls::Context> tls)
    : tls_context_{std::move(tls)},
      queue_limit_{default_queue_limit},
      peer_address_{std::move(peer_address)},
      socket_{std::move(socket)} {
    join_shard(shard);
}

Connection::~Connection() { leave_shard(); }

void Connection::set_receiver(Receiver* receiver) {
    receiver_ = receiver;
    if (phase_ == Phase::finished || secure_) flush_soon();
    update_interest();
}

// ---- where it lives ----

void Connection::join_shard(Shard& shard) {
    shard_ = &shard;
    ++shard.counters().connections;
    count_queued();
    if (alive()) {
        interest_ = 0;
        shard.poller().add(socket_.get(), 0, *this);
        update_interest();
    }
    if (phase_ != Phase::open || peer_ended_)
        start_timer(longest_flush);
    else if (shaking_hands())
        start_timer(longest_handshake);
    if (phase_ != Phase::open || peer_ended_ || secure_ || queued() > 0) flush_soon();
}

void Connection::leave_shard() {
    if (shard_ == nullptr) return;
    if (alive()) shard_->poller().remove(socket_.get(), *this);
    shard_->forget(*this);
    shard_->counters().queued_bytes -= std::exchange(counted_, 0);
    --shard_->counters().connections;
    cancel();
    throttled_ = false;  // the next read finds out again
    shard_ = nullptr;
}

void Connection::start_timer(Instant::duration after) {
    if (shard_ != nullptr) shard_->timers().start(*this, shard_->clock().steady() + after);
}

void Connection::on_timer() {
    if (std::exchange(throttled_, false)) return update_interest();
    if (phase_ == Phase::shut) return finish(Closed::by_us);
    finish(Closed::broken);
}

// ---- reading ----

bool Connection::wants_to_read() const {
    if (peer_ended_) return false;
    if (phase_ == Phase::closing || phase_ == Phase::shut) return true;  // to see the peer's end
    return phase_ == Phase::open && receiver_ != nullptr && !paused_ && !throttled_;
}

void Connection::update_interest() {
    if (shard_ == nullptr || !alive()) return;
    const std::uint32_t wanted = (wants_to_read() ? EPOLLIN : 0U) | (blocked_ ? EPOLLOUT : 0U);
    if (wanted == interest_) return;
    interest_ = wanted;
    shard_->poller().change(socket_.get(), wanted, *this);
}

void Connection::on_events(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        blocked_ = false;
        shard_->flush_later(*this);
    }
    if (wants_to_read()) return read();
    // These are reported whether we want to hear them or not, so they must end here, or epoll repeats them for ever.
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) finish(Closed::broken);
}

void Connection::read() {
    const bool leaving = phase_ != Phase::open;
    const std::size_t most = leaving || shaking_hands() ? Shard::scratch_size : allowance();
    if (most == 0) return;
    const ssize_t count = recv(socket_.get(), shard_->scratch().data(), most, 0);
    if (count < 0 && try_again(errno)) return;
    if (count < 0) return finish(Closed::broken);
    // Under TLS only close_notify is an end; anything less may be an attacker's doing.
    if (count == 0) return at_end_of_input(secure_ ? Closed::broken : Closed::by_peer);
    const auto size = static_cast<std::size_t>(count);
    shard_->counters().bytes_in += size;
    if (leaving) return;
    bucket_.take(size);
    const std::string_view bytes{shard_->scratch().data(), size};
    if (!secure_) return deliver(bytes);
    shaking_hands() ? shake_hands(bytes) : decrypt(bytes);
}

/// How much may be read now. Nothing: reading has been suspended until there is something again.
std::size_t Connection::allowance() {
    const std::size_t allowed = std::min(bucket_.available(shard_->now()), Shard::scratch_size);
    if (allowed == 0) {
        throttled_ = true;
        start_timer(bucket_.wait());
        update_interest();
    }
    return allowed;
}

void Connection::deliver(std::string_view bytes) {
    try {
        receiver_->on_bytes(bytes);
    } catch (...) {
        finish(Closed::broken);
        throw;
    }
}

void Connection::at_end_of_input(Closed why) {
    if (phase_ == Phase::shut) return finish(Closed::by_us);
    if (shaking_hands()) return finish(Closed::broken);
    if (phase_ == Phase::open) {
        why_ = why;
        start_timer(longest_flush);
    }
    peer_ended_ = true;
    update_interest();
    flush_soon();
}

void Connection::pause_reading() {
    paused_ = true;
    update_interest();
}

void Connection::resume_reading() {
    paused_ = false;
    update_interest();
    if (secure_) flush_soon();  // which looks for what came with the handshake
}

void Connection::limit_rate(std::size_t bytes_per_second) { bucket_.set_rate(bytes_per_second, Instant{}); }

// ---- writing ----

std::size_t Connection::queued() const { return output_.size() + (secure_ ? secure_->wire.size() : 0); }

void Connection::flush_soon() {
    if (shard_ != nullptr) shard_->flush_later(*this);
}

void Connection::count_queued() {
    if (shard_ == nullptr) return;
    const std::size_t now = queued();
    shard_->counters().queued_bytes += now - counted_;  // modulo 2^64, so it may also shrink
    counted_ = now;
}

void Connection::send(std::string_view bytes) {
    if (phase_ != Phase::open) return;
    output_.append(bytes, pool());
    if (shard_ == nullptr) return;
    // A burst may be more than the limit and still fit into the socket.
    if (queued() > queue_limit_ && !blocked_) write_out();
    if (queued() > queue_limit_) return finish(Closed::over_limit);
    count_queued();
    flush_soon();
}

void Connection::write_out() {
    secure_ ? write_encrypted() : write_some(output_);
    count_queued();
}

void Connection::write_some(Output& output) {
    if (output.empty()) return;
    const std::size_t sent = put(output.pending());
    if (alive()) output.consume(sent, pool());
}

/// Hands bytes to the kernel. How many it took; the rest waits for EPOLLOUT.
std::size_t Connection::put(std::string_view bytes) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && !try_again(errno)) {
        finish(Closed::broken);
        return 0;
    }
    const std::size_t sent = count > 0 ? static_cast<std::size_t>(count) : 0;
    blocked_ = sent < bytes.size();
    shard_->counters().bytes_out += sent;
    return sent;
}

void Connection::flush() {
    if (secure_) decrypt_early();
    if (alive() && shard_ != nullptr && !blocked_) write_out();
    if (alive() && shard_ != nullptr) end_if_flushed();
    update_interest();
    if (phase_ == Phase::finished) report();
}

// ---- ending ----

void Connection::close() {
    if (phase_ != Phase::open) return;
    if (shaking_hands()) return finish(Closed::by_us);  // there is no way to say anything
    phase_ = Phase::closing;
    throttled_ = false;
    start_timer(longest_flush);
    update_interest();
    flush_soon();
}

void Connection::end_if_flushed() {
    // What was read and waits for a stream that has paused is looked at first.
    if (phase_ != Phase::closing && (!peer_ended_ || paused_)) return;
    if (queued() == 0) say_goodbye();
    if (!alive() || queued() > 0) return;
    phase_ == Phase::closing ? shut_down() : finish(why_);
}

void Connection::shut_down() {
    if (peer_ended_) return finish(Closed::by_us);
    phase_ = Phase::shut;
    ::shutdown(socket_.get(), SHUT_WR);
    start_timer(longest_goodbye);
    update_interest();
}

void Connection::abort() {
    if (alive()) finish(Closed::by_us);
}

void Connection::finish(Closed why) {
    if (!alive()) return;
    if (shard_ != nullptr) shard_->poller().remove(socket_.get(), *this);
    cancel();
    socket_.reset();
    output_.clear(pool());
    if (secure_) secure_->wire.clear(pool());
    count_queued();
    flush_soon();
    phase_ = Phase::finished;
    why_ = why;
}

void Connection::report() {
    if (receiver_ == nullptr) return;  // set_receiver() asks again
    phase_ = Phase::reported;
    receiver_->on_closed(why_);  // may be the end of this object
}

}  // namespace aldis::net
