#include "roster.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include "scenarios.h"

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Lower numbers ask higher ones, which agree and ask back.
class Ring final : StanzaHandler {
public:
    explicit Ring(Sessions& sessions) : sessions_{sessions} {}
    void make();

private:
    void stanza(Client& client, std::string_view element) override;
    void ask(Client& client, std::size_t distance);
    void presence(Client& client, std::string_view to, std::string_view type);

    Sessions& sessions_;
    std::size_t agreed_ = 0;
    std::set<std::pair<unsigned, std::string>> asked_;  ///< who has asked whom
};

void Ring::make() {
    std::vector<std::unique_ptr<Client>>& clients = sessions_.clients();
    const unsigned reach =
        std::min<unsigned>(sessions_.options().roster / 2, static_cast<unsigned>(clients.size() - 1) / 2);
    const std::size_t wanted = clients.size() * reach * 2;
    sessions_.set_handler(this);
    // Distance by distance, so that no queue of the server is flooded.
    for (unsigned distance = 1; distance <= reach; ++distance) {
        for (const std::unique_ptr<Client>& client : clients) ask(*client, distance);
        const std::size_t so_far = wanted / reach * distance;
        const Nanoseconds deadline = clock_now() + seconds{20} + milliseconds{50} * clients.size();
        if (!sessions_.loop().turn_until([&] { return agreed_ >= so_far; }, deadline))
            throw std::runtime_error{"only " + std::to_string(agreed_) + " of " + std::to_string(so_far) +
                                     " subscriptions"};
    }
    sessions_.set_handler(nullptr);
}

void Ring::ask(Client& client, std::size_t distance) {
    const Client& neighbour = *sessions_.clients()[(client.index() + distance) % sessions_.clients().size()];
    asked_.emplace(client.index(), neighbour.bare_jid());
    presence(client, neighbour.bare_jid(), "subscribe");
}

void Ring::stanza(Client& client, std::string_view element) {
    if (!element.starts_with("<presence")) return;
    const std::string_view type = attribute(element, "type");
    if (type == "subscribed") ++agreed_;
    if (type != "subscribe") return;
    const std::string from{attribute(element, "from")};
    const std::string peer = from.substr(0, from.find('/'));
    presence(client, peer, "subscribed");
    if (asked_.emplace(client.index(), peer).second) presence(client, peer, "subscribe");
}

void Ring::presence(Client& client, std::string_view to, std::string_view type) {
    client.send("<presence to='" + std::string{to} + "' type='" + std::string{type} + "'/>");
}

}  // namespace

void make_contacts(Sessions& sessions) {
    const unsigned wanted = sessions.options().roster;
    const bool have_them = std::ranges::all_of(sessions.clients(), [wanted](const std::unique_ptr<Client>& client) {
        return client->contacts() >= wanted / 2 * 2;
    });
    if (have_them) return;
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
