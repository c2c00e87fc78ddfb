// XEP-0430: the conversations of somebody who has many.
#include <stdexcept>

#include "scenarios.h"
#include "sessions.h"
#include "traffic.h"

namespace load {
namespace {

using std::chrono::seconds;

/// Everybody has written to the first client, which asks for its conversations page by page, again and again.
class Inbox final : StanzaHandler {
public:
    explicit Inbox(const Options& options) : sessions_{options} {}
    int run(Report& report);

private:
    void stanza(Client& client, std::string_view element) override;
    void fill();
    void fetch();
    void ask();
    void page_done(std::string_view iq);
    void measure(Report& report);

    Client& reader() { return *sessions_.clients()[0]; }
    std::size_t others() { return sessions_.clients().size() - 1; }

    Sessions sessions_;
    Histogram page_took_;
    Histogram all_took_;
    std::string last_;
    std::string failure_;
    Nanoseconds asked_{};
    std::uint64_t arrived_ = 0;
    std::uint64_t entries_ = 0;
    bool complete_ = false;
};

int Inbox::run(Report& report) {
    sessions_.log_in(report);
    sessions_.set_handler(this);
    fill();
    measure(report);
    sessions_.log_out();
    return 0;
}

void Inbox::fill() {
    std::size_t next = 1;
    const auto advance = [&] {
        sessions_.check();
        for (; next <= others() && next - 1 - arrived_ < 50; ++next)
            sessions_.clients()[next]->send("<message to='" + reader().bare_jid() + "' type='chat' id='" +
                                            message_id(static_cast<unsigned>(next), 0) + "'><body>" +
                                            std::string(sessions_.options().body, 'z') + "</body></message>");
        return arrived_ == others();
    };
    if (!sessions_.loop().turn_until(advance, clock_now() + seconds{120}))
        throw std::runtime_error{"only " + std::to_string(arrived_) + " messages have arrived"};
}

void Inbox::fetch() {
    entries_ = 0;
    last_.clear();
    complete_ = false;
    const Nanoseconds start = clock_now();
    ask();
    const auto done = [this] {
        sessions_.check();
        if (!failure_.empty()) throw NotOffered{"the inbox is not offered: " + failure_};
        return complete_;
    };
    if (!sessions_.loop().turn_until(done, clock_now() + seconds{60})) throw std::runtime_error{"a page does not come"};
    all_took_.add(clock_now() - start);
    if (entries_ != others()) throw std::runtime_error{std::to_string(entries_) + " conversations were found"};
}

void Inbox::ask() {
    asked_ = clock_now();
    reader().send(
        "<iq type='get' id='page'><inbox xmlns='urn:xmpp:inbox:1'><set xmlns='http://jabber.org/protocol/rsm'><max>" +
        std::to_string(sessions_.options().page) + "</max>" + (last_.empty() ? "" : "<after>" + last_ + "</after>") +
        "</set></inbox></iq>");
}

void Inbox::stanza(Client& client, std::string_view element) {
    if (&client != &reader()) return;
    if (is_named(element, "iq") && attribute(element, "id") == "page") return page_done(element);
    if (!is_named(element, "message")) return;
    if (!tag_of(element, "entry").empty()) {
        ++entries_;
    } else if (MessageId id; parse_message_id(attribute(element, "id"), id)) {
        ++arrived_;
    }
}

void Inbox::page_done(std::string_view iq) {
    if (attribute(iq, "type") != "result") {
        failure_ = iq;
        return;
    }
    page_took_.add(clock_now() - asked_);
    last_ = text_of(iq, "last");
    complete_ = entries_ >= others() || last_.empty();
    if (!complete_) ask();
}

void Inbox::measure(Report& report) {
    const Options& options = sessions_.options();
    fetch();
    page_took_.clear();
    all_took_.clear();
    const Nanoseconds start = clock_now();
    const double cpu = cpu_seconds(options.pid);
    const auto elapsed = [start] { return std::chrono::duration<double>(clock_now() - start).count(); };
    while (elapsed() < options.seconds) fetch();
    const auto conversations = static_cast<double>(others() * all_took_.count());
    const auto took = [](const Histogram& all, double share) {
        return static_cast<double>(all.quantile(share).count()) / 1e6;
    };
    report.add("conversations_per_second", conversations / elapsed());
    if (options.pid != 0)
        report.add("server_cpu_us_per_conversation", (cpu_seconds(options.pid) - cpu) * 1e6 / conversations);
    report.add("page_ms_p50", took(page_took_, 0.5));
    report.add("page_ms_p99", took(page_took_, 0.99));
    report.add("inbox_ms_p50", took(all_took_, 0.5));
    report.add("inbox_ms_p99", took(all_took_, 0.99));
}

}  // namespace

int run_inbox(const Options& options, Report& report) {
    Options more = options;
    ++more.sessions;
    return Inbox{more}.run(report);
}

}  // namespace load
