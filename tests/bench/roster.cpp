#include "roster.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "scenarios.h"

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Pairs ask each other, and agree. What counts is what their rosters say at last.
class Matchmaker final : StanzaHandler {
public:
    explicit Matchmaker(Sessions& sessions) : sessions_{sessions} {}
    void make_ring();
    void make_star();

private:
    using Pair = std::pair<Client*, Client*>;

    void stanza(Client& client, std::string_view element) override;
    void make(const std::vector<Pair>& pairs);
    static std::vector<Pair> missing(const std::vector<Pair>& pairs);

    Sessions& sessions_;
};

void send_presence(Client& client, const std::string& to, std::string_view type) {
    client.send("<presence to='" + to + "' type='" + std::string{type} + "'/>");
}

/// Distance by distance, so that no queue of the server is flooded.
void Matchmaker::make_ring() {
    const std::vector<std::unique_ptr<Client>>& clients = sessions_.clients();
    const std::size_t reach = std::min<std::size_t>(sessions_.options().roster / 2, (clients.size() - 1) / 2);
    for (std::size_t distance = 1; distance <= reach; ++distance) {
        std::vector<Pair> pairs;
        for (std::size_t i = 0; i < clients.size(); ++i)
            pairs.emplace_back(clients[i].get(), clients[(i + distance) % clients.size()].get());
        make(pairs);
    }
}

void Matchmaker::make_star() {
    const std::vector<std::unique_ptr<Client>>& clients = sessions_.clients();
    constexpr std::size_t at_once = 100;
    for (std::size_t first = 1; first < clients.size(); first += at_once) {
        std::vector<Pair> pairs;
        for (std::size_t i = first; i < std::min(clients.size(), first + at_once); ++i)
            pairs.emplace_back(clients[0].get(), clients[i].get());
        make(pairs);
    }
}

void Matchmaker::make(const std::vector<Pair>& pairs) {
    sessions_.set_handler(this);
    for (const auto& [one, other] : missing(pairs)) {
        if (!one->has_contact(other->bare_jid())) send_presence(*one, other->bare_jid(), "subscribe");
        if (!other->has_contact(one->bare_jid())) send_presence(*other, one->bare_jid(), "subscribe");
    }
    const Nanoseconds deadline = clock_now() + seconds{20} + milliseconds{50} * pairs.size();
    if (!sessions_.loop().turn_until([&] { return missing(pairs).empty(); }, deadline))
        throw std::runtime_error{std::to_string(missing(pairs).size()) + " of " + std::to_string(pairs.size()) +
                                 " pairs have not become contacts"};
    sessions_.set_handler(nullptr);
}

std::vector<Matchmaker::Pair> Matchmaker::missing(const std::vector<Pair>& pairs) {
    std::vector<Pair> found;
    for (const Pair& pair : pairs)
        if (!pair.first->has_contact(pair.second->bare_jid()) || !pair.second->has_contact(pair.first->bare_jid()))
            found.push_back(pair);
    return found;
}

void Matchmaker::stanza(Client& client, std::string_view element) {
    if (!is_named(element, "presence") || attribute(element, "type") != "subscribe") return;
    const std::string_view from = attribute(element, "from");
    send_presence(client, std::string{from.substr(0, from.find('/'))}, "subscribed");
}

}  // namespace

void make_contacts(Sessions& sessions) {
    Matchmaker{sessions}.make_ring();
    sessions.wait_until_quiet(milliseconds{1000});
    sessions.check();
}

void make_contacts_of_first(Sessions& sessions) {
    Matchmaker{sessions}.make_star();
    sessions.wait_until_quiet(milliseconds{1000});
    sessions.check();
}

int run_roster(const Options& options, Report& report) {
    Sessions sessions{options};
    sessions.log_in(report);
    make_contacts(sessions);
    sessions.log_out();
    return 0;
}

}  // namespace load
