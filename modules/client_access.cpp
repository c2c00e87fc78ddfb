#include "config/fields.h"
#include "mod/module.h"
#include "modules/client_access_rules.h"

namespace aldis::modules {
namespace {

namespace cam = xep::cam;
using std::chrono::days;

struct ClientAccessConfig {
    days keep_for{90};
    static constexpr auto fields = config::fields(config::field<&ClientAccessConfig::keep_for>(
        "keep_for", config::at_least(days{1}),
        config::doc("Clients that were not seen for so long are forgotten, if their tokens have ended.")));
};

/// XEP-0494: which clients have access to an account, and how to take it away. Those that say who they are (XEP-0388)
/// are remembered; of others, each resource that is there is a client.
class ClientAccess final : public mod::Module {
public:
    explicit ClientAccess(mod::Context& context)
        : context_{context}, keep_for_{context.config<ClientAccessConfig>().keep_for} {
        context.on_iq(IqType::get, mod::For::own_account, *this, &ClientAccess::list);
        context.on_silent_iq(IqType::set, mod::For::own_account, *this, &ClientAccess::revoke);
        // One of all instances cleans up: the clients of all accounts are one table.
        if (context.home().shard().index() == 0) context.every(std::chrono::hours{1}, *this, &ClientAccess::clean_up);
    }

private:
    Task<Result<cam::Clients>> list(mod::Request request, cam::List asked);
    Result<mod::Empty> revoke(const mod::Request& request, cam::Revoke wanted);
    struct Asker {
        Jid account;
        std::uint64_t session;
        Iq result;
        std::string id;  ///< of the client that is to be kept out
    };
    Task<void> revoke_and_answer(std::shared_ptr<Asker> asker);
    Task<client_access::Revocation> remove(const Asker& asker);
    void answer(Asker& asker, client_access::Revocation revocation);
    void clean_up() {
        if (!std::exchange(cleaning_, true)) context_.start(clean_up_bit_by_bit());
    }
    Task<void> clean_up_bit_by_bit();

    mod::Context& context_;
    days keep_for_;
    bool cleaning_ = false;
};

constexpr std::string_view revoked = "The access of this client was revoked.";

std::vector<client_access::Live> live_clients(const session::Account& account) {
    std::vector<client_access::Live> live;
    for (const auto& session : account.sessions()) {
        if (!session->reachable()) continue;
        const auto mechanism = session->connected() ? session->stream()->mechanism() : std::nullopt;
        live.push_back({.client = std::string{session->client()},
                        .resource = std::string{session->jid().resource()},
                        .by_password = !mechanism || sasl::proves_password(*mechanism)});
    }
    return live;
}

Task<Result<cam::Clients>> ClientAccess::list(mod::Request request, cam::List /*asked*/) {
    auto read = [owner = request.account->jid().text()](db::Connection& connection) {
        return db::Clients::list(connection, owner);
    };
    // Among what is written: whoever has just logged in, on whatever shard, is on his way to the disk.
    const std::vector<db::Client> known =
        co_await context_.home().stores().database.write(context_.home().way_back(), std::move(read));
    co_return client_access::listed(known, live_clients(*request.account), context_.clock().now());
}

Result<mod::Empty> ClientAccess::revoke(const mod::Request& request, cam::Revoke wanted) {
    if (wanted.id.empty()) return refuse(Condition::bad_request, ErrorType::modify, "Which client?");
    session::Session& session = *request.session;
    auto asker = std::make_shared<Asker>(session.account().jid(), session.id(), stanza::result_of(*request.iq),
                                         std::move(wanted.id));
    session.block();
    context_.start(revoke_and_answer(std::move(asker)));
    return mod::Empty{};
}

Task<void> ClientAccess::revoke_and_answer(std::shared_ptr<Asker> asker) {
    client_access::Revocation revocation = client_access::Revocation::failed;
    try {
        Task<client_access::Revocation> work = remove(*asker);
        revocation = co_await work;
    } catch (const std::exception& error) {
        context_.log().error("a client could not be revoked", kv("jid", asker->account), kv("cause", error.what()));
    }
    answer(*asker, revocation);
    session::Account* const account = context_.home().find(asker->account);
    if (account == nullptr) co_return;
    if (revocation == client_access::Revocation::done) {
        context_.log().info("client revoked", kv("jid", asker->account));
        context_.home().log_out_unbound({.account = asker->account, .text = std::string{revoked}, .client = asker->id});
        account->end_of_client(asker->id, revoked);
    }
    if (session::Session* const session = account->find(asker->session)) session->unblock();
}

Task<client_access::Revocation> ClientAccess::remove(const Asker& asker) {
    using enum client_access::Revocation;
    const session::Account* const account = context_.home().find(asker.account);
    const std::vector<client_access::Live> live =
        account == nullptr ? std::vector<client_access::Live>{} : live_clients(*account);
    auto work = [owner = asker.account.text(), id = asker.id, live](db::Connection& connection) {
        const std::optional<db::Client> known = db::Clients::find(connection, owner, id);
        const client_access::Revocation fate = client_access::fate_of(id, known, live);
        if (fate == done) db::Clients::remove(connection, owner, id);
        return fate;
    };
    co_return co_await context_.home().stores().database.write(context_.home().way_back(), std::move(work));
}

void ClientAccess::answer(Asker& asker, client_access::Revocation revocation) {
    session::Account* const account = context_.home().find(asker.account);
    session::Session* const session = account == nullptr ? nullptr : account->find(asker.session);
    if (session == nullptr) return;
    if (revocation == client_access::Revocation::done) return session->send(asker.result);
    session->send(client_access::refusal(asker.result, revocation));
}

Task<void> ClientAccess::clean_up_bit_by_bit() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{cleaning_};
    constexpr std::size_t bit = 500;
    const Timestamp now = context_.clock().now();
    // Nobody loses a token before its time.
    const auto keep_for = std::max<std::chrono::seconds>(keep_for_, context_.host().domain().token_lifetime);
    db::Database& database = context_.home().stores().database;
    for (bool more = true; more;) {
        auto job = [cutoff = now - keep_for, now](db::Connection& connection) {
            return db::Clients::purge(connection, cutoff, now, bit) == bit;
        };
        more = co_await database.write(context_.home().way_back(), std::move(job));
    }
}

constexpr mod::Spec specs[] = {{"XEP-0494", "0.1.0"}};

}  // namespace

extern const mod::Info client_access_info;
const mod::Info client_access_info{.name = "client_access",
                                   .summary = "Shows which clients have access to an account, and takes it away.",
                                   .implements = specs,
                                   .config = &config::schema_of<ClientAccessConfig>,
                                   .for_guests = false,
                                   .make = mod::make<ClientAccess>};

}  // namespace aldis::modules
