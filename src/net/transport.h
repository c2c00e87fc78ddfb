#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tls/info.h"

namespace aldis::net {

class Shard;

/// Why a transport ended.
enum class Closed : std::uint8_t {
    by_peer,     ///< orderly: end of file (TLS: close_notify)
    by_us,       ///< close() has finished
    broken,      ///< reset, time-out, TLS failure
    over_limit,  ///< its output queue outgrew its bound
};

using TlsInfo = tls::Info;

/// Whoever reads from a transport. Called on the shard that the transport belongs to, never from within a call that
/// it makes itself on the transport (except `send` while in one of these).
class Receiver {
public:
    virtual ~Receiver() = default;
    /// Bytes arrived (decrypted). They live in the shard's scratch buffer: valid during the call only.
    virtual void on_bytes(std::string_view bytes) = 0;
    /// The handshake that start_tls() asked for is done.
    virtual void on_tls() {}
    /// The last call: the transport is of no more use.
    virtual void on_closed(Closed why) = 0;
};

/// A byte connection as a stream sees it: TCP with or without TLS, a WebSocket, or memory in a test.
/// Belongs to one shard. Sending never waits.
class Transport {
public:
    virtual ~Transport() = default;

    virtual void set_receiver(Receiver* receiver) = 0;
    /// Appends to the output, which is written once at the end of the shard's turn.
    virtual void send(std::string_view bytes) = 0;
    /// Flushes what was sent (for at most a few seconds), then closes; on_closed follows. Nothing is read any more.
    virtual void close() = 0;
    /// Closes at once, dropping what is queued; on_closed follows, never from within this call.
    virtual void abort() = 0;
    /// Server side of STARTTLS: what was sent before goes out in the clear, everything after is TLS. Bytes that the
    /// peer sent in the clear after its request are discarded (they could be injected). on_tls() follows.
    virtual void start_tls() = 0;
    /// Nothing while the connection is in the clear.
    [[nodiscard]] virtual const TlsInfo* tls() const = 0;
    /// The domain whose certificate is shown to a peer that names none (SNI): the 'to' of its stream header.
    virtual void prefer_domain(std::string_view) {}
    /// Stops and restarts reading: back-pressure (shaping) and the pause while a stream moves to another shard.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    /// Bytes accepted by send() and not yet taken by the kernel.
    [[nodiscard]] virtual std::size_t queued() const = 0;
    /// More than this many queued bytes end the transport with Closed::over_limit.
    virtual void limit_queue(std::size_t bytes) = 0;
    /// At most this many bytes a second are read, averaged; 0 means no limit.
    virtual void limit_rate(std::size_t bytes_per_second) = 0;
    /// Moves the transport to another shard, with what is queued: leave on the thread of the old one, then hand it over
    /// by Shard::send_to, then join on the thread of the new one. In between nothing is read, written or reported.
    virtual void leave_shard() = 0;
    virtual void join_shard(Shard& shard) = 0;
    /// Textual address without port: "192.0.2.1", "2001:db8::1". For limits and logs.
    [[nodiscard]] virtual std::string_view peer_address() const = 0;
};

}  // namespace aldis::net
