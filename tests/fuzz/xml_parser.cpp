// Reads whatever comes as a client's stream, cut into chunks in ways that the input chooses.
//
// The first byte says how many bytes follow that are the sizes of chunks (the last one repeats); the rest is the
// stream. However it is cut, the same is found; beside it, a second stream borrows from the same pool and must not
// notice; and what is found reads the same when it is written and read again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "stanza/stanza.h"
#include "xml/parser.h"
#include "xml/writer.h"

namespace {

using namespace aldis;

constexpr xml::Limits limits{.stanza_bytes = 600, .depth = 8, .attributes = 8};
constexpr std::string_view client_header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

void require(bool truth) {
    if (!truth) std::abort();
}

/// Written and read again, it is the same; also as a stanza on a stream, where one bad byte would end the stream.
void check_round_trip(const xml::Element& element) {
    const std::string text = xml::to_string(element);
    static constexpr xml::Limits generous{.stanza_bytes = 1U << 24U, .depth = 1'000, .attributes = 1'000};
    const xml::Document again = xml::parse_document(text, xml::client_ns, generous);
    require(xml::to_string(again.root()) == text);
    require(xml::to_string(xml::Document::copy_of(element).root()) == text);

    xml::ParserPool pool;
    xml::StreamReader reader{pool, generous};
    const std::string stream = std::string{client_header} + text;
    reader.feed(stream);
    require(std::holds_alternative<xml::StreamHeader>(reader.next()));
    const xml::Event event = reader.next();
    require(std::holds_alternative<xml::Document>(event));
    require(xml::to_string(std::get<xml::Document>(event).root()) == text);
}

void check_stanza(xml::Document& document, const std::string& content_ns) {
    const auto stanza = stanza::read(document, content_ns);
    if (!stanza) return;
    check_round_trip(stanza::base_of(*stanza).element());
    static_cast<void>(stanza::error_reply(*stanza, {}));
}

/// What one stream has said so far, and whether it still may.
struct Heard {
    std::vector<std::string> lines;
    std::string content_ns;
    bool open = true;

    void hear(xml::StreamReader& reader, std::string_view chunk, bool thorough) {
        if (!open) return;
        try {
            reader.feed(chunk);
            while (note(reader.next(), thorough)) {
            }
        } catch (const xml::ParseError& error) {
            lines.push_back("error " + std::to_string(static_cast<int>(error.fault())));
            open = false;
        }
    }

private:
    bool note(xml::Event event, bool thorough) {
        if (std::holds_alternative<xml::NeedMore>(event)) return false;
        if (auto* header = std::get_if<xml::StreamHeader>(&event)) {
            content_ns = header->content_ns;
            lines.push_back(content_ns + xml::to_string(header->root.root()));
        } else if (auto* stanza = std::get_if<xml::Document>(&event)) {
            lines.push_back(xml::to_string(stanza->root()));
            if (thorough) check_round_trip(stanza->root());
            if (thorough) check_stanza(*stanza, content_ns);
        } else {
            lines.emplace_back("end");
        }
        return true;
    }
};

/// In one piece. A limit may strike at another place there than where a stanza comes bit by bit; see same().
Heard whole(std::string_view stream) {
    xml::ParserPool pool;
    xml::StreamReader reader{pool, limits};
    Heard heard;
    heard.hear(reader, stream, true);
    return heard;
}

/// The events are the same. The fault that ends a stream may differ: what is too big and malformed besides can be found
/// to be either first. And what comes after the last stanza may have ended one of them already.
bool same(Heard a, Heard b) {
    if (!a.open && !b.open) {
        a.lines.pop_back();
        b.lines.pop_back();
    }
    return a.open == b.open && a.lines == b.lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t count = std::min<std::size_t>(data[0] % 16U, size - 1);
    const std::uint8_t* const sizes = data + 1;
    const std::string_view stream{reinterpret_cast<const char*>(data) + 1 + count, size - 1 - count};
    const Heard expected = whole(stream);

    // A neighbour whose stanzas come one byte for each chunk of ours.
    static const std::string neighbours = std::string{client_header} + "<message><body>a&amp;b</body></message> <iq/>";
    static const Heard neighbour_expected = whole(neighbours);
    xml::ParserPool pool;
    xml::StreamReader reader{pool, limits};
    xml::StreamReader neighbour{pool, limits};
    Heard heard;
    Heard neighbour_heard;
    std::size_t told = 0;
    for (std::size_t done = 0, i = 0; done < stream.size(); ++i) {
        const std::size_t wished = count == 0 ? 1 : sizes[std::min(i, count - 1)] + 1U;
        // A copy, so that reading beyond it is seen.
        const std::string_view part = stream.substr(done, wished);
        const std::vector<char> chunk{part.begin(), part.end()};
        heard.hear(reader, {chunk.data(), chunk.size()}, false);
        done += part.size();
        if (told < neighbours.size())
            neighbour_heard.hear(neighbour, std::string_view{neighbours}.substr(told++, 1), false);
    }
    require(same(heard, expected));
    neighbour_heard.hear(neighbour, std::string_view{neighbours}.substr(told), false);
    require(same(neighbour_heard, neighbour_expected));
    return 0;
}
