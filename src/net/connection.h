#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/output.h"
#include "net/poller.h"
#include "net/shard.h"
#include "net/timer_wheel.h"
#include "net/token_bucket.h"
#include "net/transport.h"

namespace aldis::tls {
class Context;
}

namespace aldis::net {

struct SecureLayer;

/// A TCP connection, in the clear or under TLS. It may be destroyed at any time except inside a call that it makes
/// itself: there, Shard::dispose. Idle and in the clear it owns no memory but itself.
class Connection final : public Transport, private Pollable, private Flushable, private TimerNode {
public:
    /// @param socket  connected, non-blocking
    /// @param tls     what start_tls() offers; without it, start_tls() breaks the connection
    Connection(Shard& shard, Fd socket, std::string peer_address, std::shared_ptr<tls::Context> tls = nullptr);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override;

    void set_receiver(Receiver* receiver) override;
    void send(std::string_view bytes) override;
    void close() override;
    void abort() override;
    void start_tls() override;
    [[nodiscard]] const TlsInfo* tls() const override;
    void prefer_domain(std::string_view domain) override;
    void pause_reading() override;
    void resume_reading() override;
    [[nodiscard]] std::size_t queued() const override;
    void limit_queue(std::size_t bytes) override { queue_limit_ = bytes; }
    void limit_rate(std::size_t bytes_per_second) override;
    void leave_shard() override;
    void join_shard(Shard& shard) override;
    [[nodiscard]] std::string_view peer_address() const override { return peer_address_; }

    /// Starts TLS at once, as a listener for direct TLS does, and insists on this protocol if the client offers any.
    void start_direct_tls(std::string_view alpn);

private:
    enum class Phase : std::uint8_t {
        open,
        closing,   // close(): flushing
        shut,      // close(): waiting for the peer's end
        finished,  // on_closed is due
        reported,  // on_closed has been called
    };

    void on_events(std::uint32_t events) override;
    void flush() override;
    void on_timer() override;
    void start_timer(Instant::duration after);

    // Reading.
    void read();
    void deliver(std::string_view bytes);
    void at_end_of_input(Closed why);
    [[nodiscard]] std::size_t allowance();
    [[nodiscard]] bool wants_to_read() const;
    void update_interest();

    // Writing.
    void write_out();
    void write_some(Output& output);
    std::size_t put(std::string_view bytes);
    void flush_soon();
    void count_queued();
    [[nodiscard]] BufferPool* pool() const { return shard_ != nullptr ? &shard_->buffers() : nullptr; }

    // Ending.
    [[nodiscard]] bool alive() const { return phase_ < Phase::finished; }
    void end_if_flushed();
    void shut_down();
    void finish(Closed why);
    void report();

    // TLS: connection_tls.cpp.
    [[nodiscard]] bool shaking_hands() const;
    void begin_tls(std::string_view alpn);
    void tell_of_tls();
    void discard_input();
    void shake_hands(std::string_view encrypted);
    void decrypt(std::string_view encrypted);
    void decrypt_early();
    void write_encrypted();
    void queue_encrypted(std::string_view bytes);
    void say_goodbye();
    void break_off();

    Shard* shard_ = nullptr;  // none while it moves
    Receiver* receiver_ = nullptr;
    std::shared_ptr<tls::Context> tls_context_;
    std::unique_ptr<std::string> preferred_domain_;  // until TLS starts
    std::unique_ptr<SecureLayer> secure_;            // none in the clear
    Output output_;
    std::size_t queue_limit_;
    std::size_t counted_ = 0;  // of queued(), in the shard's counters
    TokenBucket bucket_;
    std::string peer_address_;
    Fd socket_;
    std::uint32_t interest_ = 0;  // what is registered with the poller
    Phase phase_ = Phase::open;
    Closed why_ = Closed::by_peer;  // how it ends, or will when what is queued is out
    bool peer_ended_ = false;       // it sends no more; what we had to say is flushed, then it is over
    bool paused_ = false;           // by the receiver
    bool throttled_ = false;        // by the rate limit, until the timer
    bool blocked_ = false;          // the kernel takes no more at the moment
    bool discarding_ = false;       // inside the call that asked for TLS: the rest of the chunk is not to be trusted
};

}  // namespace aldis::net
