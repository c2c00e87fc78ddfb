#include "session/accounts.h"

#include "sasl/credentials.h"
#include "session/home.h"

namespace aldis::session {
namespace {

Task<std::string> keys_of(Home& home, Jid account, std::string password) {
    Host* const host = home.host(account.domain());
    auto derive = [iterations = host == nullptr ? sasl::default_iterations : host->domain().iterations,
                   random = &home.shard().random(), password = std::move(password)](db::Connection&) mutable {
        std::string keys = sasl::derive(password, sasl::all_hashes, iterations, *random).serialise();
        sasl::wipe(password);
        return keys;
    };
    co_return co_await home.stores().database.read(home.way_back(), std::move(derive));
}

}  // namespace

Task<bool> make_account(Home& home, Jid account, std::string password) {
    auto look = [name = account.text()](db::Connection& connection) { return db::Users::is_taken(connection, name); };
    const bool taken = co_await home.stores().database.read(home.way_back(), std::move(look));
    if (taken) co_return false;
    Task<std::string> work = keys_of(home, account, std::move(password));
    std::string keys = co_await work;
    auto add = [&stores = home.stores(), name = account.text(), keys = std::move(keys),
                now = home.shard().clock().now()](db::Connection& connection) {
        return stores.add_account(connection, name, keys, now);
    };
    co_return co_await home.stores().database.write(home.way_back(), std::move(add));
}

Task<bool> change_password(Home& home, Jid account, std::string password, std::string client) {
    Task<std::string> work = keys_of(home, account, std::move(password));
    std::string keys = co_await work;
    auto set = [name = account.text(), keys = std::move(keys), client = std::move(client)](db::Connection& connection) {
        return db::Stores::set_password(connection, name, keys, client);
    };
    co_return co_await home.stores().database.write(home.way_back(), std::move(set));
}

Task<bool> is_password(Home& home, Jid account, std::string password) {
    auto look = [name = account.text(), password = std::move(password)](db::Connection& connection) mutable {
        const std::optional<db::User> user = db::Users::find(connection, name);
        const auto credentials = user ? sasl::Credentials::parse(user->credentials) : std::nullopt;
        const bool right = credentials && sasl::verify(password, *credentials);
        sasl::wipe(password);
        return right;
    };
    co_return co_await home.stores().database.read(home.way_back(), std::move(look));
}

Task<bool> remove_account(Home& home, Jid account) {
    auto remove = [&stores = home.stores(), name = account.text()](db::Connection& connection) {
        return stores.remove_account(connection, name).existed;
    };
    co_return co_await home.stores().database.write(home.way_back(), std::move(remove));
}

Task<void> remove_leftovers(Home& home, Jid account) {
    auto remove = [&stores = home.stores(), name = account.text()](db::Connection& connection) {
        // Somebody else may have made an account of this name since.
        if (!db::Users::find(connection, name)) stores.remove_account(connection, name);
    };
    co_await home.stores().database.write(home.way_back(), std::move(remove));
}

}  // namespace aldis::session
