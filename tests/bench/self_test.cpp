#include <iostream>
#include <string>

#include "histogram.h"
#include "sasl2.h"
#include "scanner.h"
#include "scenarios.h"
#include "scram.h"
#include "stream_management.h"
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

void test_names() {
    expect(is_named("<resumed h='1'/>", "resumed") && is_named("<r/>", "r"), "a name ends where the tag goes on");
    expect(!is_named("<resumed h='1'/>", "resume") && !is_named("<r", "r"), "the beginning of a name is none");
    expect(tag_of("<fin><set><lastly/><last a='1'>x</last></set></fin>", "last") == "<last a='1'>", "a tag is found");
    expect(tag_of("<fin><lastly/></fin>", "last").empty(), "a tag may be absent");
}

void test_stream_management() {
    StreamManagement management;
    management.count("<message/>");
    expect(!management.enabled("<failed xmlns='urn:xmpp:sm:3'/>"), "a session may be refused");
    expect(!management.enabled("<enabled xmlns='urn:xmpp:sm:3'/>"), "a session may not be resumable");
    expect(management.enabled("<enabled xmlns='urn:xmpp:sm:3' id='some-long-sm-id' resume='true'/>"),
           "a session is resumable");
    for (const std::string_view element : {"<message/>", "<a h='1'/>", "<presence a='b'/>", "<iq></iq>", "<r/>"})
        management.count(element);
    expect(management.resume() == "<resume xmlns='urn:xmpp:sm:3' h='3' previd='some-long-sm-id'/>",
           "stanzas count, from <enabled/> on");
    expect(management.resumed("<resumed xmlns='urn:xmpp:sm:3' h='7' previd='some-long-sm-id'/>"), "it is resumed");
    expect(!management.resumed("<resumed xmlns='urn:xmpp:sm:3' h='7' previd='another'/>"), "another is not ours");
    expect(!management.resumed("<failed xmlns='urn:xmpp:sm:3'/>") && !management.resumed(""), "it has failed");
}

void test_sasl2() {
    const Sasl2Success resumed = parse_success(
        "<success xmlns='urn:xmpp:sasl:2'><additional-data>YWI=</additional-data>"
        "<authorization-identifier>juliet@montague.example</authorization-identifier>"
        "<resumed xmlns='urn:xmpp:sm:3' h='345' previd='124'/></success>");
    expect(resumed.additional_data == "ab" && resumed.jid == "juliet@montague.example", "who has logged in");
    expect(attribute(resumed.resumed, "previd") == "124" && resumed.enabled.empty() && resumed.token.empty(),
           "<resumed/> is in <success/>");
    const Sasl2Success bound = parse_success(
        "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>a@b/c</authorization-identifier>"
        "<failed xmlns='urn:xmpp:sm:3'/><bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x'/></bound>"
        "<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z' token='WXZz'/></success>");
    expect(bound.jid == "a@b/c" && bound.token == "WXZz" && !bound.failed.empty(), "a token comes with <success/>");
    expect(attribute(bound.enabled, "id") == "x" && bound.resumed.empty(), "<enabled/> is in <bound/>");
    // printf Initiator | openssl dgst -sha256 -hmac secret-token -binary | base64
    expect(to_base64(fast_response("romeo", "secret-token")) == "cm9tZW8AP23pK0XN3FDGAa0WZFj3tYdFZeOZ8wBrGvsD8LsD/4g=",
           "HT-SHA-256-NONE");
    expect(fast_accepts("secret-token", from_base64("VXKmPgSWGVYJJzwjvopQub7mTgNpMkB55zJFv0RypbE=").value_or("")),
           "the server knows the token");
    expect(
        !fast_accepts("secret-token", "") && !fast_accepts("another", "VXKmPgSWGVYJJzwjvopQub7mTgNpMkB55zJFv0RypbE="),
        "or it does not");
    expect(to_xml({.mechanism = "PLAIN", .initial_response = "a", .client = 10})
               .contains(" id='10ad10ad-0000-4000-8000-00000000000a'>"),
           "a client is always the same installation");
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
    Histogram sum;
    for (int i = 0; i < 2; ++i) sum.add(histogram);
    expect(sum.count() == 2000 && sum.quantile(0.5) == histogram.quantile(0.5), "histograms add up");
}

void test_message_ids() {
    MessageId id;
    expect(parse_message_id(message_id(12, 345), id) && id.sender == 12 && id.number == 345 && id.of_this_run,
           "an id tells sender and number");
    expect(parse_message_id("m12.345.another", id) && !id.of_this_run, "an id is of one run");
    expect(!parse_message_id("m12", id) && !parse_message_id("m1.2", id) && !parse_message_id("m1.2x", id) &&
               !parse_message_id("", id),
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
    test_names();
    test_stream_management();
    test_sasl2();
    test_scram();
    test_histogram();
    test_message_ids();
    test_directions();
    report.add("failures", failures);
    return failures == 0 ? 0 : 1;
}

}  // namespace load
