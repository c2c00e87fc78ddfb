#include "net/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace aldis::net {
namespace {

constexpr std::size_t default_queue_limit = 1024 * 1024;
constexpr std::chrono::seconds longest_flush{5};
constexpr std::chrono::seconds longest_goodbye{2};  // from our end of file to the peer's

bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

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
    if (phase_ == Phase::finished && shard_ != nullptr) shard_->flush_later(*this);
    update_interest();
}

// ---- where it lives ----

void Connection::join_shard(Shard& shard) {
    shard_ = &shard;
    ++shard.counters().connections;
    shard.counters().queued_bytes += queued();
    if (alive()) {
        interest_ = 0;
        shard.poller().add(socket_.get(), 0, *this);
        update_interest();
    }
    if (phase_ != Phase::open || peer_ended_) start_timer(longest_flush);
    if (phase_ != Phase::open || queued() > 0) shard.flush_later(*this);
}

void Connection::leave_shard() {
    if (shard_ == nullptr) return;
    if (alive()) shard_->poller().remove(socket_.get(), *this);
    shard_->forget(*this);
    shard_->counters().queued_bytes -= queued();
    --shard_->counters().connections;
    cancel();
    throttled_ = false;  // the next read finds out again
    shard_ = nullptr;
}

void Connection::start_timer(Instant::duration after) {
    if (shard_ != nullptr) shard_->timers().start(*this, shard_->now() + after);
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
    const std::size_t most = leaving ? Shard::scratch_size : allowance();
    if (most == 0) return;
    const ssize_t count = recv(socket_.get(), shard_->scratch().data(), most, 0);
    if (count < 0 && try_again(errno)) return;
    if (count < 0) return finish(Closed::broken);
    if (count == 0) return at_end_of_input();
    const auto size = static_cast<std::size_t>(count);
    shard_->counters().bytes_in += size;
    if (leaving) return;
    bucket_.take(size);
    deliver({shard_->scratch().data(), size});
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

void Connection::at_end_of_input() {
    peer_ended_ = true;
    if (phase_ == Phase::shut) return finish(Closed::by_us);
    if (phase_ == Phase::open) start_timer(longest_flush);
    update_interest();
    shard_->flush_later(*this);
}

void Connection::pause_reading() {
    paused_ = true;
    update_interest();
}

void Connection::resume_reading() {
    paused_ = false;
    update_interest();
}

void Connection::limit_rate(std::size_t bytes_per_second) { bucket_.set_rate(bytes_per_second, Instant{}); }

// ---- writing ----

std::size_t Connection::queued() const { return output_.size(); }

void Connection::send(std::string_view bytes) {
    if (phase_ != Phase::open) return;
    output_.append(bytes, pool());
    if (shard_ == nullptr) return;
    shard_->counters().queued_bytes += bytes.size();
    // A burst may be more than the limit and still fit into the socket.
    if (queued() > queue_limit_ && !blocked_) write_out();
    if (queued() > queue_limit_) return finish(Closed::over_limit);
    shard_->flush_later(*this);
}

void Connection::write_out() {
    const std::size_t before = queued();
    write_some(output_);
    shard_->counters().queued_bytes -= before - queued();
}

void Connection::write_some(Output& output) {
    if (output.empty()) return;
    const std::string_view bytes = output.pending();
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && !try_again(errno)) return finish(Closed::broken);
    const std::size_t sent = count > 0 ? static_cast<std::size_t>(count) : 0;
    blocked_ = sent < bytes.size();
    shard_->counters().bytes_out += sent;
    output.consume(sent, pool());
}

void Connection::flush() {
    if (alive() && !blocked_) write_out();
    update_interest();
    if (alive() && queued() == 0) {
        if (phase_ == Phase::closing)
            shut_down();
        else if (peer_ended_)
            finish(Closed::by_peer);
    }
    if (phase_ == Phase::finished) report();
}

// ---- ending ----

void Connection::close() {
    if (phase_ != Phase::open) return;
    phase_ = Phase::closing;
    throttled_ = false;
    if (shard_ == nullptr) return;
    start_timer(longest_flush);
    update_interest();
    shard_->flush_later(*this);
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
    if (shard_ != nullptr) {
        shard_->poller().remove(socket_.get(), *this);
        shard_->counters().queued_bytes -= queued();
        shard_->flush_later(*this);
    }
    cancel();
    output_.clear(pool());
    socket_.reset();
    phase_ = Phase::finished;
    why_ = why;
}

void Connection::report() {
    if (receiver_ == nullptr) return;  // set_receiver() asks again
    phase_ = Phase::reported;
    receiver_->on_closed(why_);  // may be the end of this object
}

// ---- TLS ----

void Connection::start_tls() { finish(Closed::broken); }
void Connection::start_direct_tls(std::string_view) { finish(Closed::broken); }
const TlsInfo* Connection::tls() const { return nullptr; }
void Connection::prefer_domain(std::string_view) {}

}  // namespace aldis::net
