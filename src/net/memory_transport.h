#pragma once

#include <string>

#include "net/transport.h"

namespace aldis::net {

/// A transport for tests: what the peer sends is put in by hand, what is sent to it is there to be read.
/// Nothing happens by itself: on_closed and on_tls come from turn(), as they would come from the shard.
class MemoryTransport final : public Transport {
public:
    explicit MemoryTransport(std::string peer_address = "192.0.2.1") : peer_address_{std::move(peer_address)} {}

    // What a test does.
    /// The peer sends `bytes`. Kept while reading is paused; ignored when the transport has ended.
    void receive(std::string_view bytes);
    /// The peer ends its side.
    void receive_end(Closed why = Closed::by_peer);
    /// What was sent and not yet taken.
    [[nodiscard]] std::string take_sent() { return std::exchange(sent_, {}); }
    [[nodiscard]] const std::string& sent() const { return sent_; }
    /// What the TLS layer is said to be like after start_tls().
    void set_tls_info(TlsInfo info) { next_info_ = std::move(info); }
    /// The end of the shard's turn: reports what is due.
    void turn();
    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] bool reading_paused() const { return paused_; }
    [[nodiscard]] std::size_t rate_limit() const { return rate_limit_; }
    [[nodiscard]] const std::string& preferred_domain() const { return domain_; }
    [[nodiscard]] Shard* shard() const { return shard_; }

    void set_receiver(Receiver* receiver) override { receiver_ = receiver; }
    void send(std::string_view bytes) override;
    void close() override { end(Closed::by_us); }
    void abort() override { end(Closed::by_us); }
    void start_tls() override { tls_due_ = true; }
    [[nodiscard]] const TlsInfo* tls() const override { return info_ ? &*info_ : nullptr; }
    void prefer_domain(std::string_view domain) override { domain_ = domain; }
    void pause_reading() override { paused_ = true; }
    void resume_reading() override { paused_ = false; }
    [[nodiscard]] std::size_t queued() const override { return sent_.size(); }
    void limit_queue(std::size_t bytes) override { queue_limit_ = bytes; }
    void limit_rate(std::size_t bytes_per_second) override { rate_limit_ = bytes_per_second; }
    void leave_shard() override { shard_ = nullptr; }
    void join_shard(Shard& shard) override { shard_ = &shard; }
    [[nodiscard]] std::string_view peer_address() const override { return peer_address_; }

private:
    void end(Closed why);
    void deliver();

    Receiver* receiver_ = nullptr;
    Shard* shard_ = nullptr;
    std::string peer_address_;
    std::string received_;
    std::string sent_;
    std::string domain_;
    std::optional<TlsInfo> info_;
    std::optional<TlsInfo> next_info_;
    std::optional<Closed> due_;
    std::size_t queue_limit_ = 1024 * 1024;
    std::size_t rate_limit_ = 0;
    bool tls_due_ = false;
    bool paused_ = false;
    bool closed_ = false;
};

}  // namespace aldis::net
