#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "net/transport.h"
#include "stream/error.h"
#include "stream/place.h"

namespace aldis::stream {

/// An XML stream on a transport (RFC 6120 section 4), from the side that was called: the same for clients, servers and
/// components. Reads header, elements and end, sends ours, ends in every way a stream can end. What elements mean is
/// said by the derived class.
class Stream : public net::Receiver {
public:
    Stream(Place& place, std::unique_ptr<net::Transport> transport, std::string_view content_ns);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() override;

    void send(std::string_view xml) { transport_->send(xml); }
    /// Says why, closes our side and then the connection. Nothing that comes after is read.
    /// @param specific  an application-specific condition, serialised
    void end(StreamCondition condition, std::string_view text = {}, std::string_view specific = {});
    /// Closes without an error.
    void end();
    [[nodiscard]] bool open() const { return state_ == State::open; }
    /// It was closed, or is being closed.
    [[nodiscard]] bool over() const { return state_ == State::ended; }
    [[nodiscard]] net::Transport& transport() { return *transport_; }
    [[nodiscard]] const net::Transport& transport() const { return *transport_; }
    [[nodiscard]] Place& place() const { return *place_; }
    /// When the peer was last heard, white space included.
    [[nodiscard]] Instant last_heard() const { return last_heard_; }

    void on_bytes(std::string_view bytes) final;
    void on_closed(net::Closed why) final;

protected:
    /// The peer's header has come. Checks what all streams have in common; ours is not sent yet.
    virtual void opened(const xml::StreamHeader& header) = 0;
    virtual void received(xml::Document element) = 0;
    /// The connection has gone, or is about to: nothing more will be received. Called once.
    virtual void ended(Ending ending, std::string_view why) = 0;
    /// The transport is closed: nobody calls this stream any more, and its owner may let go of it.
    virtual void released() = 0;

    /// `attributes` are from, to, id and so on, each with a space before it.
    void send_header(std::string_view attributes);
    /// RFC 6120 section 4.3.3: the next thing to come is a header.
    void restart();
    /// Stops reading, keeps what has been read. Anything may happen between hold() and go_on(), except that bytes are
    /// read; a stream that is held may move to another shard.
    void hold();
    void go_on();
    void move_to(Place& place);
    /// Drops what was read and not looked at yet, and expects a header: STARTTLS (RFC 6120 section 5.4.3.3).
    void discard_input();
    void set_limits(const xml::Limits& limits) { reader_.set_limits(limits); }

private:
    enum class State : std::uint8_t { waiting_for_header, open, ended };

    void pump();
    void take(xml::Event event);
    void finish(Ending ending, std::string_view why);

    Place* place_;
    std::unique_ptr<net::Transport> transport_;
    xml::StreamReader reader_;
    std::string_view content_ns_;
    Instant last_heard_;
    std::string held_;  ///< input that waits for go_on()
    State state_ = State::waiting_for_header;
    bool header_sent_ = false;
    bool holding_ = false;
    bool pumping_ = false;
    bool discard_ = false;
    bool finished_ = false;
};

}  // namespace aldis::stream
