#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "xml/element.h"

namespace aldis::xml {

/// What is wrong with what was read; the stream layer gives each its condition (RFC 6120 section 4.9.3).
enum class Fault : std::uint8_t {
    not_well_formed,       ///< also not namespace-well-formed
    restricted,            ///< section 11.1: comment, processing instruction, DTD, entity
    unsupported_encoding,  ///< section 11.6
    stray_text,            ///< characters between stanzas
    too_big,               ///< over a limit
};

class ParseError : public std::runtime_error {
public:
    ParseError(Fault fault, const std::string& what) : std::runtime_error{what}, fault_{fault} {}
    [[nodiscard]] Fault fault() const { return fault_; }

private:
    Fault fault_;
};

/// Bounds on what one peer may send.
struct Limits {
    std::size_t stanza_bytes = 262144;  ///< of one stanza, or of the stream header
    std::uint16_t depth = 64;           ///< levels of elements inside a stream
    std::uint16_t attributes = 64;      ///< of one element, with its namespace declarations
};

/// The start tag of a stream. `root` has no children.
struct StreamHeader {
    Document root;
    std::string content_ns;  ///< the default namespace: jabber:client, jabber:server ...
};
struct StreamEnd {};
struct NeedMore {};
using Event = std::variant<NeedMore, StreamHeader, Document, StreamEnd>;

class ExpatParser;
enum class Found : std::uint8_t;

/// Parsers to lend, for the streams of one shard. A stream holds one only while a stanza is incomplete; between
/// stanzas a parser stands just inside the stream's root, where every stream with the same prefixes can use it.
class ParserPool {
public:
    ParserPool();
    ~ParserPool();
    ParserPool(const ParserPool&) = delete;
    ParserPool& operator=(const ParserPool&) = delete;

    /// One that stands inside `prologue` (a stream's start tag with its namespaces), or fresh where that is empty.
    [[nodiscard]] std::unique_ptr<ExpatParser> take(std::string_view prologue);
    /// Only at a boundary: everything it was fed is consumed.
    void give_back(std::unique_ptr<ExpatParser> parser);

private:
    static constexpr std::size_t most_idle = 4;
    std::vector<std::unique_ptr<ExpatParser>> idle_;
};

/// Cuts what arrives on one stream into header, stanzas and end (RFC 6120 section 4). Pull: feed(), then next() until
/// it needs more; between two events anything may happen, also restart() or the end of this reader.
class StreamReader {
public:
    StreamReader(ParserPool& pool, const Limits& limits);
    ~StreamReader();
    StreamReader(StreamReader&&) noexcept;
    StreamReader& operator=(StreamReader&&) = delete;

    /// `bytes` must live until next() has said NeedMore.
    void feed(std::string_view bytes) { unread_ = bytes; }
    /// @throws ParseError  the stream cannot go on
    [[nodiscard]] Event next();
    /// What was fed and is not part of any event yet. Only to be asked between events.
    [[nodiscard]] std::string_view unread() const { return unread_; }
    /// Expects a new stream header (RFC 6120 section 4.3.3), in the bytes that are still unread too.
    void restart();
    /// Moves to the pool of another shard; holds no parser then. Only between events.
    void use(ParserPool& pool);
    void set_limits(const Limits& limits) { limits_ = &limits; }

private:
    [[nodiscard]] std::string_view prologue() const;
    void finish_chunk();
    Event take_event(Found found);
    void remember(const std::string& prologue);

    ParserPool* pool_;
    const Limits* limits_;
    std::unique_ptr<ExpatParser> parser_;   ///< held while something is incomplete
    std::unique_ptr<std::string> unusual_;  ///< the prologue, if it is none of the usual ones
    std::uint8_t usual_ = 0;                ///< else its number, from 1; 0 before the header
    std::string_view unread_;
};

/// Reads one complete element: a WebSocket frame, a stored stanza, a test's text.
/// @param default_ns  what an element without a namespace is in
/// @throws ParseError
[[nodiscard]] Document parse_document(std::string_view text, std::string_view default_ns = {},
                                      const Limits& limits = {});

}  // namespace aldis::xml
