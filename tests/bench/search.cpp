// XEP-0431: looking for words in an archive.
#include <cmath>
#include <random>
#include <stdexcept>

#include "scenarios.h"
#include "sessions.h"

namespace load {
namespace {

using std::chrono::seconds;

constexpr unsigned words = 50'000;

/// The same as tests/db/archive_fill.cpp.
std::string word(std::size_t number) {
    static constexpr std::string_view consonants = "bdfghjklmnprst";
    static constexpr std::string_view vowels = "aeiou";
    std::string made;
    for (std::size_t left = number + 70; left > 0; left /= 70) {
        made += consonants[left % 70 / 5];
        made += vowels[left % 5];
    }
    return made;
}

/// The first client's archive is full of words; it looks for some of them, again and again.
class Search final : StanzaHandler {
public:
    explicit Search(const Options& options) : sessions_{options} {}
    int run(Report& report);

private:
    void stanza(Client& client, std::string_view element) override;
    std::string any_word() { return word(static_cast<std::size_t>(std::exp(some_(random_))) - 1); }
    std::string common_word() { return word(random_() % 100); }
    std::string next_question();
    void ask();

    Sessions sessions_;
    std::mt19937 random_{7};
    std::uniform_real_distribution<double> some_{0, std::log(double{words})};
    Histogram took_;
    Nanoseconds asked_{};
    std::string failure_;
    std::uint64_t asked_times_ = 0;
    std::uint64_t found_ = 0;
    bool answered_ = false;
};

int Search::run(Report& report) {
    const Options& options = sessions_.options();
    sessions_.log_in(report);
    sessions_.set_handler(this);
    ask();
    took_.clear();
    found_ = 0;
    const Nanoseconds start = clock_now();
    const double cpu = cpu_seconds(options.pid);
    const auto elapsed = [start] { return std::chrono::duration<double>(clock_now() - start).count(); };
    while (elapsed() < options.seconds) ask();
    const auto searches = static_cast<double>(took_.count());
    report.add("searches_per_second", searches / elapsed());
    report.add("found_per_search", static_cast<double>(found_) / searches);
    if (options.pid != 0) report.add("server_cpu_ms_per_search", (cpu_seconds(options.pid) - cpu) * 1e3 / searches);
    report.add("search_ms_p50", static_cast<double>(took_.quantile(0.5).count()) / 1e6);
    report.add("search_ms_p99", static_cast<double>(took_.quantile(0.99).count()) / 1e6);
    sessions_.log_out();
    return 0;
}

/// By turns: a word, two words, two common words in this order, the beginning of a word.
std::string Search::next_question() {
    switch (asked_times_++ % 4) {
        case 0: return any_word();
        case 1: return any_word() + ' ' + any_word();
        case 2: return "&quot;" + common_word() + ' ' + common_word() + "&quot;";
        default: return any_word().substr(0, 4) + '*';
    }
}

void Search::ask() {
    answered_ = false;
    const std::string question = next_question();
    asked_ = clock_now();
    sessions_.clients()[0]->send(
        "<iq type='set' id='search'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
        "<field var='{urn:xmpp:fulltext:0}fulltext'><value>" +
        question + "</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>" +
        std::to_string(sessions_.options().page) + "</max><before/></set></query></iq>");
    const auto done = [this] {
        sessions_.check();
        if (!failure_.empty()) throw NotOffered{"the archive cannot be searched: " + failure_};
        return answered_;
    };
    if (!sessions_.loop().turn_until(done, clock_now() + seconds{60}))
        throw std::runtime_error{"nothing is found, nor an end: " + question};
}

void Search::stanza(Client& /*client*/, std::string_view element) {
    if (is_named(element, "message") && !tag_of(element, "result").empty()) ++found_;
    if (!is_named(element, "iq") || attribute(element, "id") != "search") return;
    took_.add(clock_now() - asked_);
    answered_ = true;
    if (attribute(element, "type") != "result") failure_ = element;
}

}  // namespace

int run_search(const Options& options, Report& report) {
    Options one = options;
    one.sessions = 1;
    return Search{one}.run(report);
}

}  // namespace load
