#include "stream/stream.h"

namespace aldis::stream {
namespace {

const Log& log() {
    static const Log instance{"stream"};
    return instance;
}

constexpr std::string_view stream_ns = "http://etherx.jabber.org/streams";

}  // namespace

Stream::Stream(Place& place, std::unique_ptr<net::Transport> transport, std::string_view content_ns)
    : place_{&place},
      transport_{std::move(transport)},
      reader_{place.parsers, place.limits->before_auth},
      content_ns_{content_ns},
      last_heard_{place.shard.now()} {
    transport_->set_receiver(this);
    transport_->limit_queue(place.limits->queue_bytes);
    transport_->limit_rate(place.limits->bytes_per_second);
}

Stream::~Stream() { transport_->set_receiver(nullptr); }

void Stream::on_bytes(std::string_view bytes) {
    if (state_ == State::ended) return;
    last_heard_ = place_->shard.now();
    if (holding_) {
        held_ += bytes;
        return;
    }
    reader_.feed(bytes);
    pump();
}

void Stream::pump() {
    pumping_ = true;
    try {
        while (state_ != State::ended) {
            xml::Event event = reader_.next();
            if (std::holds_alternative<xml::NeedMore>(event)) break;
            take(std::move(event));
            if (discard_) {
                discard_ = false;
                restart();
                reader_.feed({});
                break;
            }
            if (holding_) {
                held_ = reader_.unread();
                reader_.use(place_->parsers);
                reader_.feed({});
                break;
            }
        }
    } catch (const StreamError& error) {
        end(error.condition(), error.what());
    } catch (const xml::ParseError& error) {
        log().debug("bad XML", kv("peer", transport_->peer_address()), kv("cause", error.what()));
        end(condition_of(error.fault()));
    } catch (const std::exception& error) {
        log().error("a stream failed", kv("peer", transport_->peer_address()), kv("cause", error.what()));
        end(StreamCondition::internal_server_error);
    }
    pumping_ = false;
}

void Stream::take(xml::Event event) {
    if (auto* const element = std::get_if<xml::Document>(&event)) {
        if (state_ != State::open) throw StreamError{StreamCondition::not_well_formed};
        received(std::move(*element));
    } else if (auto* const header = std::get_if<xml::StreamHeader>(&event)) {
        const xml::Element& root = header->root.root();
        state_ = State::open;
        // RFC 6120 section 4.8.1 and 4.8.2; which of the two it is matters to nobody but the error's reader.
        if (root.ns() != stream_ns) throw StreamError{StreamCondition::invalid_namespace, "This is not a stream."};
        if (root.local() != "stream")
            throw StreamError{StreamCondition::bad_format, "The root element is not 'stream'."};
        if (header->content_ns != content_ns_)
            throw StreamError{StreamCondition::invalid_namespace, "This port speaks another content namespace."};
        opened(*header);
    } else {
        end();  // the peer has closed its side: section 4.4
    }
}

void Stream::send_header(std::string_view attributes) {
    std::string header = "<?xml version='1.0'?><stream:stream xmlns='";
    header.append(content_ns_).append("' xmlns:stream='").append(stream_ns).append(1, '\'');
    header.append(attributes).append(1, '>');
    send(header);
    header_sent_ = true;
}

void Stream::restart() {
    reader_.restart();
    state_ = State::waiting_for_header;
    header_sent_ = false;
}

void Stream::hold() {
    holding_ = true;
    transport_->pause_reading();
}

void Stream::go_on() {
    if (!holding_ || state_ == State::ended) return;
    holding_ = false;
    transport_->resume_reading();
    if (pumping_ || held_.empty()) return;  // the loop in pump() goes on by itself
    const std::string bytes = std::exchange(held_, {});
    reader_.feed(bytes);
    pump();
}

void Stream::move_to(Place& place) {
    place_ = &place;
    reader_.use(place.parsers);
}

void Stream::discard_input() { discard_ = true; }

void Stream::end(StreamCondition condition, std::string_view text, std::string_view specific) {
    if (state_ == State::ended) return;
    // RFC 6120 section 4.9.1.2: an error before the headers are exchanged comes in a stream all the same.
    if (!header_sent_) send_header(" version='1.0'");
    log().info("stream ended", kv("peer", transport_->peer_address()), kv("condition", name_of(condition)),
               kv("text", text));
    send(to_xml(condition, text, specific));
    state_ = State::ended;
    send("</stream:stream>");
    transport_->close();
    finish(ending_of(condition), name_of(condition));
}

void Stream::end() {
    if (state_ == State::ended) return;
    state_ = State::ended;
    if (!header_sent_) send_header(" version='1.0'");
    send("</stream:stream>");
    transport_->close();
    finish(Ending::closed, "closed");
}

void Stream::on_closed(net::Closed why) {
    state_ = State::ended;
    static constexpr std::array<std::string_view, 4> reasons{"closed by peer", "closed", "connection lost", "too slow"};
    finish(Ending::lost, reasons[static_cast<std::size_t>(why)]);
    released();
}

void Stream::finish(Ending ending, std::string_view why) {
    if (std::exchange(finished_, true)) return;
    ended(ending, why);
}

}  // namespace aldis::stream
