#include <iostream>
#include <string>

#include "histogram.h"
#include "scanner.h"
#include "scenarios.h"
#include "scram.h"
#include "traffic.h"

namespace load {
namespace {

unsigned failures = 0;

void expect(bool holds, std::string_view what) {
    if (holds) return;
    ++failures;
    std::cerr << "FAILED: " << what << '\n';
}

constexpr std::string_view stream =
    "<?xml version='1.0'?><stream:stream to='a' xmlns='jabber:client'> "
    "<stream:features><a><b/></a></stream:features>\n<presence/>"
    "<message id=\"m1.2\" from='x/>y'><body>one</body><x a='\"'/></message></stream:stream>";

/// The pieces of `stream` when it comes in reads of `size` bytes, one per line.
std::string pieces(std::size_t size) {
    Scanner scanner;
    std::string found;
    std::size_t taken = 0;
    for (std::size_t end = size; taken < stream.size(); end = std::min(end + size, stream.size())) {
        for (;;) {
            const Scanner::Piece piece = scanner.next(stream.substr(0, end).substr(taken));
            if (piece.kind == Scanner::Kind::none) break;
            found += stream.substr(taken + piece.begin, piece.end - piece.begin);
            found += '\n';
            taken += piece.end;
        }
    }
    return found;
}

void test_scanner() {
    const std::string expected =
        "<stream:stream to='a' xmlns='jabber:client'>\n<stream:features><a><b/></a></stream:features>\n<presence/>\n"
        "<message id=\"m1.2\" from='x/>y'><body>one</body><x a='\"'/></message>\n</stream:stream>\n";
    for (std::size_t size = 1; size <= stream.size(); ++size)
        expect(pieces(size) == expected, "the scanner finds all pieces in reads of " + std::to_string(size));
}

void test_attributes() {
    constexpr std::string_view element = "<message from='a id=b' id=\"m1.2\"><stanza-id id='x'/></message>";
    expect(attribute(element, "id") == "m1.2", "an attribute is found by its name");
    expect(attribute(element, "from") == "a id=b", "a value may look like an attribute");
    expect(attribute(element, "type").empty(), "an attribute may be absent");
    expect(attribute("<a><b id='x'/></a>", "id").empty(), "children's attributes are not the element's");
    expect(attribute("<presence id='a'/>", "id") == "a", "an empty element has attributes");
    expect(text_of("<iq><bind><jid>a@b/c</jid></bind></iq>", "jid") == "a@b/c", "text is found by its element");
    expect(content_of("<success>dj0x</success>") == "dj0x", "the content stands between the tags");
    expect(content_of("<success/>").empty(), "an empty element has no content");
}

/// The examples of RFC 5802 section 5 and RFC 7677 section 3.
void test_scram() {
    Scram sha1{"SCRAM-SHA-1", "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL"};
    expect(sha1.final_message("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096") ==
               "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
           "SCRAM-SHA-1 as in RFC 5802");
    expect(sha1.accepts("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), "the server's signature of RFC 5802");
    Scram sha256{"SCRAM-SHA-256", "user", "pencil", "rOprNGfwEbeRWgbNEkqO"};
    expect(sha256.final_message(
               "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096") ==
               "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+"
               "Ute9ytag9zjfMHgsqmmiz7AndVQ=",
           "SCRAM-SHA-256 as in RFC 7677");
    expect(sha256.accepts("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), "the server's signature of RFC 7677");
}

void test_histogram() {
    Histogram histogram;
    for (int i = 1; i <= 1000; ++i) histogram.add(std::chrono::microseconds{i});
    const auto near = [](std::chrono::nanoseconds value, double wanted) {
        return static_cast<double>(value.count()) >= wanted && static_cast<double>(value.count()) <= wanted * 1.02;
    };
    expect(near(histogram.quantile(0.5), 500e3), "p50 of 1 to 1000 us");
    expect(near(histogram.quantile(0.99), 990e3), "p99 of 1 to 1000 us");
}

void test_message_ids() {
    MessageId id;
    expect(parse_message_id("m12.345", id) && id.sender == 12 && id.number == 345, "an id tells sender and number");
    expect(!parse_message_id("m12", id) && !parse_message_id("m1.2x", id) && !parse_message_id("", id),
           "other ids are not ours");
}

void test_directions() {
    const Options options;
    Loop loop;
    const TlsContext tls;
    const Surroundings surroundings{loop, options, tls, {}};
    Client romeo{surroundings, 0};
    const Client juliet{surroundings, 1};
    Direction direction{romeo, juliet, "body", 8};
    Tally tally;
    for (int i = 0; i < 5; ++i) direction.send_next(Nanoseconds{0});
    for (const std::uint64_t number : {0, 2, 1, 2, 9}) direction.arrived(number, Nanoseconds{1000}, tally);
    expect(tally.delivered == 3 && tally.latency.count() == 3, "each message counts once");
    expect(tally.reordered == 1, "a message that comes late was overtaken");
    expect(tally.duplicated == 1, "a message that comes twice is a duplicate");
    expect(tally.strange == 1, "a number that was not sent is strange");
    expect(direction.in_flight() == 2, "what has not come is in flight");
}

}  // namespace

int run_self_test(const Options&, Report& report) {
    test_scanner();
    test_attributes();
    test_scram();
    test_histogram();
    test_message_ids();
    test_directions();
    report.add("failures", failures);
    return failures == 0 ? 0 : 1;
}

}  // namespace load
