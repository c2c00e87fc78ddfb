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

/// Neighbours ask each other, and agree. What counts is what their rosters say at last.
class Ring final : StanzaHandler {
public:
    explicit Ring(Sessions& sessions) : sessions_{sessions} {}
    void make();

private:
    using Neighbours = std::pair<Client*, Client*>;

    void stanza(Client& client, std::string_view element) override;
    std::vector<Neighbours> missing(std::size_t distance) const;

    Sessions& sessions_;
};

void send_presence(Client& client, const std::string& to, std::string_view type) {
    client.send("<presence to='" + to + "' type='" + std::string{type} + "'/>");
}

void Ring::make() {
    const std::size_t clients = sessions_.clients().size();
    const std::size_t reach = std::min<std::size_t>(sessions_.options().roster / 2, (clients - 1) / 2);
    sessions_.set_handler(this);
    // Distance by distance, so that no queue of the server is flooded.
    for (std::size_t distance = 1; distance <= reach; ++distance) {
        for (const auto& [one, other] : missing(distance)) {
            if (!one->has_contact(other->bare_jid())) send_presence(*one, other->bare_jid(), "subscribe");
            if (!other->has_contact(one->bare_jid())) send_presence(*other, one->bare_jid(), "subscribe");
        }
        const Nanoseconds deadline = clock_now() + seconds{20} + milliseconds{50} * clients;
        if (!sessions_.loop().turn_until([&] { return missing(distance).empty(); }, deadline))
            throw std::runtime_error{std::to_string(missing(distance).size()) + " of " + std::to_string(clients) +
                                     " pairs have not become contacts"};
    }
    sessions_.set_handler(nullptr);
}

std::vector<Ring::Neighbours> Ring::missing(std::size_t distance) const {
    const std::vector<std::unique_ptr<Client>>& clients = sessions_.clients();
    std::vector<Neighbours> pairs;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const Neighbours pair{clients[i].get(), clients[(i + distance) % clients.size()].get()};
        if (!pair.first->has_contact(pair.second->bare_jid()) || !pair.second->has_contact(pair.first->bare_jid()))
            pairs.push_back(pair);
    }
    return pairs;
}

void Ring::stanza(Client& client, std::string_view element) {
    if (!is_named(element, "presence") || attribute(element, "type") != "subscribe") return;
    const std::string_view from = attribute(element, "from");
    send_presence(client, std::string{from.substr(0, from.find('/'))}, "subscribed");
}

}  // namespace

void make_contacts(Sessions& sessions) {
    Ring{sessions}.make();
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
