#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "xml/parser.h"
#include "xml/writer.h"

namespace aldis::xml {

inline constexpr std::string_view client_header =
    "<?xml version='1.0'?><stream:stream to='example.org' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

inline std::string_view name_of(Fault fault) {
    switch (fault) {
        case Fault::not_well_formed: return "not well-formed";
        case Fault::restricted: return "restricted";
        case Fault::unsupported_encoding: return "unsupported encoding";
        case Fault::stray_text: return "stray text";
        case Fault::too_big: return "too big";
    }
    return "?";
}

/// One event as a line: "header jabber:client", the stanza as it would be written, "end".
inline std::string describe(const Event& event) {
    if (const auto* header = std::get_if<StreamHeader>(&event)) return "header " + header->content_ns;
    if (const auto* stanza = std::get_if<Document>(&event)) return to_string(stanza->root());
    return std::holds_alternative<StreamEnd>(event) ? "end" : "more";
}

/// What `reader` finds in `chunk`, up to where it needs more; "error: ..." if it cannot go on.
inline std::vector<std::string> read(StreamReader& reader, std::string_view chunk) {
    std::vector<std::string> lines;
    try {
        reader.feed(chunk);
        for (Event event = reader.next(); !std::holds_alternative<NeedMore>(event); event = reader.next())
            lines.push_back(describe(event));
    } catch (const ParseError& error) {
        lines.push_back("error: " + std::string{name_of(error.fault())});
    }
    return lines;
}

inline bool failed(const std::vector<std::string>& lines) {
    return !lines.empty() && lines.back().starts_with("error");
}

/// What a new reader finds in these chunks, one after the other, until an error.
inline std::vector<std::string> read_chunks(const std::vector<std::string>& chunks, const Limits& limits = {}) {
    ParserPool pool;
    StreamReader reader{pool, limits};
    std::vector<std::string> all;
    for (const std::string& chunk : chunks) {
        // A copy of exactly its size, so that reading beyond it is seen.
        const std::vector<char> exact{chunk.begin(), chunk.end()};
        for (std::string& line : read(reader, {exact.data(), exact.size()})) all.push_back(std::move(line));
        if (failed(all)) break;
    }
    return all;
}

/// What follows the header of a client's stream.
inline std::vector<std::string> read_in_stream(const std::string& text, const Limits& limits = {}) {
    std::vector<std::string> all = read_chunks({std::string{client_header}, text}, limits);
    if (!all.empty() && all.front() == "header jabber:client") all.erase(all.begin());
    return all;
}

}  // namespace aldis::xml
