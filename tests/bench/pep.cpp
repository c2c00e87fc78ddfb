// XEP-0163: what people publish comes to those who want it.
#include <unistd.h>

#include <functional>
#include <map>
#include <stdexcept>

#include "roster.h"
#include "scenarios.h"
#include "sessions.h"

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string tune = "http://jabber.org/protocol/tune";
/// "client/pc//<http://jabber.org/protocol/tune+notify<", hashed as XEP-0115 says.
const std::string available =
    "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:xmpp:load' "
    "ver='3pKpoiE4LWxMW6d4/GYSlYS+Wd8='/></presence>";
const std::string disco =
    "<identity category='client' type='pc'/><feature var='http://jabber.org/protocol/tune+notify'/>";

std::string publish(std::uint64_t number) {
    return "<iq type='set' id='publish'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='" + tune +
           "'><item id='current'><tune xmlns='" + tune + "'><artist>Gerald Finzi</artist><length>255</length><title>" +
           std::to_string(number) +
           "</title><source>Music for Love's Labors Lost (Suite for small orchestra)</source></tune></item></publish>"
           "</pubsub></iq>";
}

bool is_event(std::string_view element) {
    return element.starts_with("<message") && element.contains("http://jabber.org/protocol/pubsub#event");
}

double to_milliseconds(Nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

/// The first client publishes; all others are its contacts and are told of it.
class Publish final : StanzaHandler {
public:
    explicit Publish(const Options& options) : sessions_{options} {}
    int run(Report& report);

private:
    void stanza(Client& client, std::string_view element) override;
    void told(std::string_view event);
    void send_next();
    void measure(Report& report);
    void run_until(const std::function<bool()>& done, Nanoseconds deadline);

    Client& publisher() { return *sessions_.clients()[0]; }
    std::size_t followers() { return sessions_.clients().size() - 1; }

    struct Sent {
        Nanoseconds at{};
        std::size_t told = 0;
    };
    Sessions sessions_;
    std::map<std::uint64_t, Sent> in_flight_;
    std::uint64_t last_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t strange_ = 0;
    std::string failure_;
    Histogram took_;     ///< until the last one was told
    Histogram each_;     ///< of each
    Histogram answers_;  ///< until the publisher was answered
    bool sending_ = false;
};

int Publish::run(Report& report) {
    sessions_.log_in(report);
    make_contacts_of_first(sessions_);
    for (std::size_t i = 1; i < sessions_.clients().size(); ++i) {
        sessions_.clients()[i]->set_disco(disco);
        sessions_.clients()[i]->send(available);
    }
    sessions_.wait_until_quiet(milliseconds{1000});
    sessions_.set_handler(this);
    measure(report);
    sending_ = false;
    const auto drained = [this] { return in_flight_.empty(); };
    sessions_.loop().turn_until(drained, clock_now() + seconds{10});
    std::size_t lost = 0;
    for (const auto& [number, sent] : in_flight_) lost += followers() - sent.told;
    report.add("lost", static_cast<double>(lost));
    report.add("strange", static_cast<double>(strange_));
    sessions_.log_out();
    return lost + strange_ == 0 ? 0 : 1;
}

void Publish::run_until(const std::function<bool()>& done, Nanoseconds deadline) {
    sessions_.loop().turn_until(
        [&] {
            if (!failure_.empty()) throw NotOffered{"nothing can be published: " + failure_};
            return done();
        },
        deadline);
    sessions_.check();
}

void Publish::send_next() {
    in_flight_.emplace(++last_, Sent{.at = clock_now()});
    publisher().send(publish(last_));
}

void Publish::stanza(Client& client, std::string_view element) {
    if (is_named(element, "iq") && attribute(element, "id") == "publish") {
        if (attribute(element, "type") != "result") failure_ = element;
        if (const auto place = in_flight_.find(++answered_); place != in_flight_.end())
            answers_.add(sessions_.loop().now() - place->second.at);
    } else if (is_event(element) && &client != &publisher()) {
        told(element);
    }
}

void Publish::told(std::string_view event) {
    const std::string number{text_of(event, "title")};
    const auto place = in_flight_.find(std::strtoull(number.c_str(), nullptr, 10));
    if (place == in_flight_.end()) {
        strange_ += sending_ ? 1 : 0;
        return;
    }
    const Nanoseconds took = sessions_.loop().now() - place->second.at;
    ++events_;
    each_.add(took);
    if (++place->second.told < followers()) return;
    took_.add(took);
    in_flight_.erase(place);
    if (sending_) send_next();
}

void Publish::measure(Report& report) {
    const Options& options = sessions_.options();
    const auto after = [](double time) {
        return clock_now() + std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(time));
    };
    sending_ = true;
    for (unsigned i = 0; i < options.window; ++i) send_next();
    run_until([] { return false; }, after(options.warmup));
    if (took_.count() == 0) throw NotOffered{"nobody, or not everybody, is told what is published"};
    events_ = 0;
    took_.clear();
    each_.clear();
    answers_.clear();
    const Nanoseconds start = clock_now();
    const double cpu = cpu_seconds(options.pid);
    const double own_cpu = cpu_seconds(::getpid());
    run_until([] { return false; }, after(options.seconds));
    const double elapsed = std::chrono::duration<double>(clock_now() - start).count();
    const auto events = static_cast<double>(events_);
    report.add("seconds", elapsed);
    report.add("publishes_per_second", events / static_cast<double>(followers()) / elapsed);
    report.add("notifications_per_second", events / elapsed);
    if (options.pid != 0) {
        report.add("server_cpu_us_per_notification", (cpu_seconds(options.pid) - cpu) * 1e6 / events);
        report.add("server_cpu_percent", (cpu_seconds(options.pid) - cpu) * 100 / elapsed);
    }
    report.add("tool_cpu_percent", (cpu_seconds(::getpid()) - own_cpu) * 100 / elapsed);
    report.add("answer_ms_p50", to_milliseconds(answers_.quantile(0.5)));
    report.add("notification_ms_p50", to_milliseconds(each_.quantile(0.5)));
    report.add("notification_ms_p99", to_milliseconds(each_.quantile(0.99)));
    report.add("all_told_ms_p50", to_milliseconds(took_.quantile(0.5)));
    report.add("all_told_ms_p99", to_milliseconds(took_.quantile(0.99)));
}

/// Everybody has published something; the first client, whose contacts they are, logs in and is told of it.
class News final : StanzaHandler {
public:
    explicit News(const Options& options) : sessions_{options} {}
    int run(Report& report);

private:
    void stanza(Client& client, std::string_view element) override;
    void log_in_once();
    void wait_for(const std::uint64_t& count, std::uint64_t expected, const char* what);

    Client& reader() { return *sessions_.clients()[0]; }

    Sessions sessions_;
    std::uint64_t published_ = 0;
    std::uint64_t told_ = 0;
    std::string failure_;
    Histogram logins_;
    Histogram took_;
};

int News::run(Report& report) {
    const Options& options = sessions_.options();
    const std::uint64_t contacts = sessions_.clients().size() - 1;
    sessions_.log_in(report);
    make_contacts_of_first(sessions_);
    sessions_.set_handler(this);
    for (std::size_t i = 1; i <= contacts; ++i) {
        sessions_.clients()[i]->send(publish(i));
        if (i % 100 == 0) wait_for(published_, i, "published items");
    }
    wait_for(published_, contacts, "published items");
    sessions_.log_out();
    reader().set_disco(disco);
    log_in_once();  // the server knows what the client wants from now on
    logins_.clear();
    took_.clear();
    const double cpu = cpu_seconds(options.pid);
    const Nanoseconds start = clock_now();
    unsigned times = 0;
    for (; std::chrono::duration<double>(clock_now() - start).count() < options.seconds; ++times) log_in_once();
    const double spent = cpu_seconds(options.pid) - cpu;
    report.add("times", times);
    report.add("last_items", static_cast<double>(contacts));
    report.add("login_ms_p50", to_milliseconds(logins_.quantile(0.5)));
    report.add("news_ms_p50", to_milliseconds(took_.quantile(0.5)));
    report.add("news_ms_max", to_milliseconds(took_.quantile(1)));
    if (options.pid != 0) report.add("server_cpu_ms_per_login", spent * 1e3 / times);
    return 0;
}

void News::log_in_once() {
    told_ = 0;
    (void)sessions_.log_in({.auth = sessions_.options().auth}, 1);
    logins_.add(reader().login_took());
    const Nanoseconds start = clock_now();
    reader().send(available);
    wait_for(told_, sessions_.clients().size() - 1, "last items");
    took_.add(clock_now() - start);
    sessions_.log_out(1);
}

void News::wait_for(const std::uint64_t& count, std::uint64_t expected, const char* what) {
    const auto done = [&] {
        if (!failure_.empty()) throw NotOffered{"nothing can be published: " + failure_};
        return count >= expected;
    };
    if (!sessions_.loop().turn_until(done, clock_now() + seconds{60}))
        throw std::runtime_error{"of " + std::to_string(expected) + ' ' + what + ", " + std::to_string(count) +
                                 " have come"};
}

void News::stanza(Client& client, std::string_view element) {
    if (is_named(element, "iq") && attribute(element, "id") == "publish") {
        if (attribute(element, "type") != "result") failure_ = element;
        ++published_;
    }
    if (is_event(element) && &client == &reader()) ++told_;
}

}  // namespace

int run_publish(const Options& options, Report& report) {
    Options more = options;
    ++more.sessions;
    return Publish{more}.run(report);
}

int run_news(const Options& options, Report& report) {
    Options more = options;
    ++more.sessions;
    return News{more}.run(report);
}

}  // namespace load
