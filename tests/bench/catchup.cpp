#include <stdexcept>

#include "scenarios.h"
#include "sessions.h"
#include "traffic.h"

namespace load {
namespace {

using std::chrono::seconds;

/// A reader fetches its archive (XEP-0313) page by page, from the first message to the last; a writer fills it first.
class Catchup final : StanzaHandler {
public:
    explicit Catchup(const Options& options) : sessions_{options} {}
    int run(Report& report);

private:
    void stanza(Client& client, std::string_view element) override;
    void archived(std::string_view message);
    void page_done(std::string_view iq);
    void ask();
    void fetch();
    void fill(std::uint64_t from);
    void measure(Report& report);

    Client& reader() { return *sessions_.clients()[0]; }
    Client& writer() { return *sessions_.clients()[1]; }

    Sessions sessions_;
    Histogram page_took_;
    std::string last_;  ///< the archive's id of the last message of the page before; empty: the first page
    std::string failure_;
    Nanoseconds asked_{};
    std::uint64_t fetched_ = 0;  ///< of this run through the archive
    std::uint64_t arrived_ = 0;  ///< live
    std::uint64_t out_of_order_ = 0;
    bool complete_ = false;
};

int Catchup::run(Report& report) {
    Report unused;
    sessions_.log_in(unused);
    sessions_.set_handler(this);
    fetch();
    if (fetched_ < sessions_.options().messages) {
        fill(fetched_);
        fetch();
    }
    const std::uint64_t expected = fetched_;
    if (expected != sessions_.options().messages)
        throw std::runtime_error{"the archive holds " + std::to_string(expected) + " messages"};
    measure(report);
    const bool good = fetched_ == expected && out_of_order_ == 0;
    report.add("out_of_order", static_cast<double>(out_of_order_));
    sessions_.log_out();
    return good ? 0 : 1;
}

/// To the bare JID, and a few at a time, for archives on slow disks.
void Catchup::fill(std::uint64_t from) {
    arrived_ = from;
    const Options& options = sessions_.options();
    std::uint64_t next = from;
    const auto advance = [&] {
        sessions_.check();
        for (; next < options.messages && next - arrived_ < options.window; ++next)
            writer().send("<message to='" + reader().bare_jid() + "' type='chat' id='" + message_id(1, next) +
                          "'><body>" + std::string(options.body, 'z') + "</body></message>");
        return arrived_ == options.messages;
    };
    if (!sessions_.loop().turn_until(advance, clock_now() + seconds{600}))
        throw std::runtime_error{"only " + std::to_string(arrived_) + " messages have arrived"};
    sessions_.wait_until_quiet(seconds{2});  // Prosody and ejabberd write behind
}

void Catchup::fetch() {
    fetched_ = 0;
    last_.clear();
    complete_ = false;
    ask();
    const auto done = [this] {
        sessions_.check();
        if (!failure_.empty()) throw std::runtime_error{failure_};
        return complete_;
    };
    if (!sessions_.loop().turn_until(done, clock_now() + seconds{120}))
        throw std::runtime_error{"a page does not come"};
}

void Catchup::ask() {
    asked_ = clock_now();
    reader().send(
        "<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2' queryid='q'>"
        "<set xmlns='http://jabber.org/protocol/rsm'><max>" +
        std::to_string(sessions_.options().page) + "</max>" + (last_.empty() ? "" : "<after>" + last_ + "</after>") +
        "</set></query></iq>");
}

void Catchup::stanza(Client& client, std::string_view element) {
    if (&client != &reader()) return;
    if (is_named(element, "iq") && attribute(element, "id") == "page") return page_done(element);
    if (!is_named(element, "message")) return;
    if (!tag_of(element, "result").empty()) return archived(element);
    if (MessageId id; parse_message_id(attribute(element, "id"), id)) ++arrived_;
}

/// The archived message is the second <message> in there.
void Catchup::archived(std::string_view message) {
    MessageId id;
    const std::string_view original = tag_of(message.substr(1), "message");
    if (!parse_message_id(attribute(original, "id"), id) || id.number != fetched_) ++out_of_order_;
    ++fetched_;
}

void Catchup::page_done(std::string_view iq) {
    const std::string_view fin = tag_of(iq, "fin");
    if (attribute(iq, "type") != "result" || fin.empty()) {
        failure_ = iq;
        return;
    }
    page_took_.add(clock_now() - asked_);
    last_ = text_of(iq, "last");
    complete_ = attribute(fin, "complete") == "true" || last_.empty();
    if (!complete_) ask();
}

void Catchup::measure(Report& report) {
    const Options& options = sessions_.options();
    fetch();
    page_took_.clear();
    out_of_order_ = 0;
    const Nanoseconds start = clock_now();
    const double cpu = cpu_seconds(options.pid);
    std::uint64_t messages = 0;
    const auto elapsed = [start] { return std::chrono::duration<double>(clock_now() - start).count(); };
    for (; elapsed() < options.seconds; messages += fetched_) fetch();
    const double spent = cpu_seconds(options.pid) - cpu;
    const auto all = static_cast<double>(messages);
    const auto took = [this](double share) { return static_cast<double>(page_took_.quantile(share).count()) / 1e6; };
    report.add("seconds", elapsed());
    report.add("messages", all);
    report.add("messages_per_second", all / elapsed());
    report.add("messages_per_page", all / static_cast<double>(page_took_.count()));
    if (options.pid != 0) report.add("server_cpu_us_per_message", spent * 1e6 / all);
    report.add("page_ms_p50", took(0.5));
    report.add("page_ms_p99", took(0.99));
}

}  // namespace

int run_catchup(const Options& options, Report& report) {
    Options two = options;
    two.sessions = 2;
    return Catchup{two}.run(report);
}

}  // namespace load
