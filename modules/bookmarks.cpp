#include "modules/bookmark_rules.h"

#include <deque>
#include <limits>

#include "config/fields.h"
#include "mod/module.h"
#include "modules/private_storage.h"
#include "modules/pubsub/nodes.h"
#include "modules/stored_markup.h"
#include "xep/xep0048_bookmarks.h"
#include "xep/xep0402_pep_bookmarks.h"
#include "xep/xep0411_bookmarks_conversion.h"
#include "xml/writer.h"

namespace aldis::modules {
namespace {

using pubsub::Change;
using xep::bookmarks::Storage;

const std::string items_node{xep::bookmarks::ns};
const std::string list_node{xep::bookmarks::storage_ns};

// In db::Conversions: which of the two was changed by a client, and is not yet what the other says.
constexpr std::string_view items_changed = "bookmarks";
constexpr std::string_view list_changed = "bookmarks-list";

constexpr stanza::Error no_list{Condition::bad_request,
                                ErrorType::modify,
                                "This is no list of bookmarks.",
                                {"http://jabber.org/protocol/pubsub#errors", "invalid-payload"}};
constexpr stanza::Error too_many{Condition::resource_constraint, ErrorType::cancel, "These are too many bookmarks."};

struct BookmarksConfig {
    std::uint32_t list_items = 500;

    static constexpr auto fields = config::fields(config::field<&BookmarksConfig::list_items>(
        "list_items", config::between(1, 10'000),
        config::doc("How many rooms a client may bookmark by sending a list of all of them.")));
};

/// account.slot<State>(): what has changed and is still to be copied.
struct State {
    bool items = false;  ///< have changed
    bool list = false;   ///< that is on disk has changed, before the account was loaded
    bool running = false;
    using Answer = std::function<void(Result<void>)>;
    struct List {
        std::string said;         ///< by a client; empty: as it is on disk
        Answer answer = nullptr;  ///< who waits for it
    };
    /// Where there is something to do; most accounts have nothing.
    struct Work {
        std::deque<List> lists;
        std::vector<Answer> waiting;  ///< for all of it to be done
    };
    std::unique_ptr<Work> work = {};
};

/// XEP-0402: bookmarks, one item for each room. Clients that keep a list of all of them, in a node (XEP-0048) or in
/// private storage (XEP-0049), read and write the same ones.
class Bookmarks final : public mod::Module {
public:
    explicit Bookmarks(mod::Context& context);

private:
    void begin();
    static State load(db::Connection& connection, const std::string& owner) {
        return {.items = db::Conversions::begun(connection, owner, items_changed) > 0,
                .list = db::Conversions::begun(connection, owner, list_changed) > 0};
    }

    Result<void> before_items(session::Account& account, const Change& change, db::Unit& unit);
    Result<void> before_list(session::Account& account, const Change& change, db::Unit& unit);
    void after_items(session::Account& account, const Change& change);
    void after_list(session::Account& account, const Change& change);
    void go_on(session::Session& session) { wake(session.account()); }
    void wake(session::Account& account);
    Task<void> run(Jid owner, State& state);
    Task<Result<void>> guarded(Task<Result<void>> work);
    static void add(State& state, State::List list);
    Task<void> settled(Jid owner);

    Task<Result<xml::Document>> get(session::Account& account);
    Task<Result<void>> set(session::Account& account, xml::Document storage);

    Task<Result<std::vector<bookmarks::Bookmark>>> present(Jid owner);
    Task<xml::Document> others(std::string owner);
    Task<bool> store_others(std::string owner, xml::Document others);
    Task<Result<xml::Document>> list(Jid owner);
    Task<Result<void>> follow_items(Jid owner);
    Task<Result<void>> follow_list(Jid owner, std::string said);
    Task<Result<void>> apply(Jid owner, xml::Document storage);
    Task<Result<void>> put(Jid owner, std::string node, pubsub::Item item);
    Task<std::int64_t> begun(Jid owner, std::string_view what);
    Task<void> done(Jid owner, std::string_view what, std::int64_t begun);

    mod::Context& context_;
    pubsub::Registry& pubsub_;
};

Bookmarks::Bookmarks(mod::Context& context) : context_{context}, pubsub_{context.host().slot<pubsub::Registry>()} {
    context.on_ready(*this, &Bookmarks::begin);
    context.on_load(&Bookmarks::load);
    context.on_available(*this, &Bookmarks::go_on);

    // "The storage MUST be XEP-0223", and "Adding a bookmark".
    pubsub_.defaults[items_node] = {
        {"access_model", "whitelist"}, {"max_items", "max"}, {"send_last_published_item", "never"}};
    pubsub_.defaults[list_node] = {{"access_model", "whitelist"}};
    pubsub_.with_change(items_node, [this](session::Account& account, const Change& change, db::Unit& unit) {
        return before_items(account, change, unit);
    });
    pubsub_.with_change(list_node, [this](session::Account& account, const Change& change, db::Unit& unit) {
        return before_list(account, change, unit);
    });
    for (const std::string& node : {items_node, list_node})
        pubsub_.before_use[node] = [this](Jid owner) { return settled(std::move(owner)); };
    pubsub_.on_change(items_node,
                      [this](session::Account& account, const Change& change) { after_items(account, change); });
    pubsub_.on_change(list_node,
                      [this](session::Account& account, const Change& change) { after_list(account, change); });
}

/// Without nodes, private storage keeps the list as it is.
void Bookmarks::begin() {
    if (pubsub_.nodes == nullptr) return;
    for (const std::string_view feature :
         {xep::bookmarks::compat_feature, xep::bookmarks::compat_pep_feature, xep::bookmarks::conversion_feature})
        context_.feature(mod::For::account, feature);
    context_.host().slot<private_storage::Registry>().special[{list_node, std::string{Storage::schema.name.local}}] = {
        .get = [this](session::Account& account) { return get(account); },
        .set = [this](session::Account& account, xml::Document storage) { return set(account, std::move(storage)); }};
}

// ---- What clients do with the nodes ----

Result<void> Bookmarks::before_items(session::Account& account, const Change& change, db::Unit& unit) {
    if (change.kind == Change::published)
        for (const pubsub::Item& item : change.items) {
            if (item.payload.empty()) return std::unexpected{no_list};
            const xml::Document payload = read_stored(item.payload);
            if (Result<void> good = bookmarks::check(item.id, payload.root()); !good) return good;
        }
    // Also of what apply() does: it may be cut short.
    db::Conversions::begin(unit, account.jid().text(), items_changed);
    return {};
}

Result<void> Bookmarks::before_list(session::Account& account, const Change& change, db::Unit& unit) {
    if (change.by == account.jid()) return {};
    if (change.kind != Change::published) {
        // The list goes, the bookmarks stay: it comes back.
        db::Conversions::begin(unit, account.jid().text(), items_changed);
        return {};
    }
    if (change.items.empty() || change.items.back().payload.empty()) return std::unexpected{no_list};
    const xml::Document payload = read_stored(change.items.back().payload);
    if (!payload.root().is(Storage::schema.name)) return std::unexpected{no_list};
    db::Conversions::begin(unit, account.jid().text(), list_changed);
    return {};
}

void Bookmarks::after_items(session::Account& account, const Change& change) {
    if (change.by == account.jid()) return;
    account.slot<State>().items = true;
    wake(account);
}

void Bookmarks::after_list(session::Account& account, const Change& change) {
    if (change.by == account.jid()) return;
    State& state = account.slot<State>();
    if (change.kind == Change::published) {
        add(state, {.said = change.items.back().payload});
    } else {
        state.items = true;
    }
    wake(account);
}

void Bookmarks::add(State& state, State::List list) {
    if (!state.work) state.work = std::make_unique<State::Work>();
    state.work->lists.push_back(std::move(list));
}

/// One after the other: what comes meanwhile is next.
void Bookmarks::wake(session::Account& account) {
    State& state = account.slot<State>();
    const bool any = state.items || state.list || (state.work && !state.work->lists.empty());
    if (state.running || !any || pubsub_.nodes == nullptr) return;
    state.running = true;
    if (std::exchange(state.list, false)) add(state, {});
    if (!state.work) state.work = std::make_unique<State::Work>();
    account.tasks().start(run(account.jid(), state));
}

/// A task of the account, so the state outlives it.
Task<void> Bookmarks::run(Jid owner, State& state) {
    struct Running {
        State& state;
        ~Running() { state.running = false; }
    };
    {
        const Running running{state};
        while (state.items || !state.work->lists.empty()) {
            State::List list;
            const bool items = state.work->lists.empty();
            if (items) {
                state.items = false;
            } else {
                list = std::move(state.work->lists.front());
                state.work->lists.pop_front();
            }
            Task<Result<void>> work = guarded(items ? follow_items(owner) : follow_list(owner, std::move(list.said)));
            const Result<void> done = co_await work;
            if (list.answer) {
                list.answer(done);
            } else if (!done) {
                context_.log().warn("bookmarks are not the same everywhere", kv("account", owner),
                                    kv("why", done.error().text));
            }
        }
    }
    const std::unique_ptr<State::Work> done = std::exchange(state.work, nullptr);
    for (const State::Answer& answer : done->waiting) answer({});
}

/// Somebody may wait for it, whatever happens.
Task<Result<void>> Bookmarks::guarded(Task<Result<void>> work) {
    Result<void> done = refuse(Condition::internal_server_error, ErrorType::wait, "Bookmarks could not be stored.");
    try {
        done = co_await work;
    } catch (const std::exception& error) {
        context_.log().error("bookmarks are not the same everywhere", kv("cause", error.what()));
    }
    co_return done;
}

/// Who looks at one form sees what was written to the other.
Task<void> Bookmarks::settled(Jid owner) {
    session::Account* const account = context_.home().find(owner);
    if (account == nullptr) co_return;
    wake(*account);
    State& state = account->slot<State>();
    if (!state.running) co_return;
    CallbackResult<Result<void>> copied{
        [&state](State::Answer answer) { state.work->waiting.push_back(std::move(answer)); }};
    static_cast<void>(co_await copied);
}

// ---- Private storage ----

Task<Result<xml::Document>> Bookmarks::get(session::Account& account) {
    co_await settled(account.jid());
    Result<xml::Document> found = co_await list(account.jid());
    co_return found;
}

Task<Result<void>> Bookmarks::set(session::Account& account, xml::Document storage) {
    CallbackResult<Result<void>> stored{[this, &account, &storage](State::Answer answer) {
        add(account.slot<State>(), {.said = xml::to_string(storage.root()), .answer = std::move(answer)});
        wake(account);
    }};
    Result<void> done = co_await stored;
    co_return done;
}

// ---- From one to the other ----

Task<Result<std::vector<bookmarks::Bookmark>>> Bookmarks::present(Jid owner) {
    std::vector<bookmarks::Bookmark> all;
    Result<std::vector<pubsub::Item>> items = co_await pubsub_.nodes->items(std::move(owner), items_node, 0);
    if (!items && items.error().condition != Condition::item_not_found) co_return std::unexpected{items.error()};
    if (!items) co_return all;
    // Clients show them in the order in which they were made.
    for (auto item = items->rbegin(); item != items->rend(); ++item)
        if (!item->payload.empty()) all.push_back({.id = std::move(item->id), .payload = std::move(item->payload)});
    co_return all;
}

/// What a list has besides rooms.
Task<xml::Document> Bookmarks::others(std::string owner) {
    auto find = [owner = std::move(owner)](db::Connection& connection) {
        return db::PrivateData::find(connection, owner, list_node, Storage::schema.name.local);
    };
    const std::string text = co_await context_.read(std::move(find));
    co_return text.empty() ? xml::Document{Storage::schema.name} : read_stored(text);
}

Task<bool> Bookmarks::store_others(std::string owner, xml::Document others) {
    std::string text = others.root().has_children() ? xml::to_string(others.root()) : std::string{};
    auto job = [owner = std::move(owner), text = std::move(text)](db::Connection& connection) {
        constexpr auto unbounded = std::numeric_limits<std::uint64_t>::max();  // it was in one stanza
        const std::vector<db::PrivateElement> elements{
            {.ns = list_node, .name = std::string{Storage::schema.name.local}, .xml = text}};
        return db::PrivateData::put(connection, owner, elements, {.elements = unbounded, .bytes = unbounded});
    };
    const bool stored = co_await context_.home().stores().database.write(context_.home().way_back(), std::move(job));
    co_return stored;
}

Task<Result<xml::Document>> Bookmarks::list(Jid owner) {
    const Result<std::vector<bookmarks::Bookmark>> items = co_await present(owner);
    if (!items) co_return std::unexpected{items.error()};
    const xml::Document rest = co_await others(owner.text());
    co_return bookmarks::collate(*items, &rest.root());
}

/// XEP-0402 "Publishing via this specification".
Task<Result<void>> Bookmarks::follow_items(Jid owner) {
    const std::int64_t times = co_await begun(owner, items_changed);
    const Result<xml::Document> wanted = co_await list(owner);
    if (!wanted) co_return std::unexpected{wanted.error()};
    const auto there = co_await pubsub_.nodes->items(owner, list_node, 1);
    const bool any = there && !there->empty() && !there->front().payload.empty();
    const xml::Document before = any ? read_stored(there->front().payload) : xml::Document{Storage::schema.name};
    if (!bookmarks::same_list(before.root(), wanted->root())) {
        pubsub::Item item{.id = any ? there->front().id : std::string{xep::bookmarks::storage_item},
                          .payload = xml::to_string(wanted->root())};
        const Result<void> published = co_await put(owner, list_node, std::move(item));
        if (!published) co_return published;
    }
    co_await done(owner, items_changed, times);
    co_return Result<void>{};
}

/// XEP-0402 "Publishing via the old specification". @param said  empty: what is published is to be read
Task<Result<void>> Bookmarks::follow_list(Jid owner, std::string said) {
    const std::int64_t times = co_await begun(owner, list_changed);
    if (said.empty()) {
        const auto there = co_await pubsub_.nodes->items(owner, list_node, 1);
        if (there && !there->empty()) said = there->front().payload;
    }
    if (!said.empty()) {
        const Result<void> applied = co_await apply(owner, read_stored(said));
        if (!applied) co_return applied;
    }
    // What the list does not say, and what it says twice.
    const Result<void> followed = co_await follow_items(owner);
    if (!followed) co_return followed;
    co_await done(owner, list_changed, times);
    co_return Result<void>{};
}

Task<Result<void>> Bookmarks::apply(Jid owner, xml::Document storage) {
    const Result<std::vector<bookmarks::Bookmark>> items = co_await present(owner);
    if (!items) co_return std::unexpected{items.error()};
    bookmarks::Changes changes = bookmarks::changes_to(*items, storage.root());
    if (changes.publish.size() > context_.config<BookmarksConfig>().list_items) co_return std::unexpected{too_many};
    const bool stored = co_await store_others(owner.text(), std::move(changes.others));
    if (!stored) co_return std::unexpected{too_many};
    for (bookmarks::Bookmark& bookmark : changes.publish) {
        pubsub::Item item{.id = std::move(bookmark.id), .payload = std::move(bookmark.payload)};
        const Result<void> published = co_await put(owner, items_node, std::move(item));
        if (!published) co_return published;
    }
    for (const std::string& id : changes.retract) {
        const Result<void> retracted = co_await pubsub_.nodes->retract(owner, items_node, id, true);
        if (!retracted && retracted.error().condition != Condition::item_not_found) co_return retracted;
    }
    co_return Result<void>{};
}

/// XEP-0411 "Security Considerations": "the service MUST make [sure] that the user is the only one who has access to
/// that node".
Task<Result<void>> Bookmarks::put(Jid owner, std::string node, pubsub::Item item) {
    const pubsub::Config closed{{"access_model", "whitelist"}};
    pubsub::PublishOptions options{.config = closed, .must_match = true};
    Result<std::string> published = co_await pubsub_.nodes->publish(owner, node, item, options);
    if (!published && published.error().condition == Condition::conflict) {
        const Result<void> configured = co_await pubsub_.nodes->configure(owner, node, closed);
        if (!configured) co_return configured;
        published = co_await pubsub_.nodes->publish(owner, node, std::move(item), options);
    }
    if (!published) co_return std::unexpected{published.error()};
    co_return Result<void>{};
}

Task<std::int64_t> Bookmarks::begun(Jid owner, std::string_view what) {
    auto look = [owner = owner.text(), what](db::Connection& connection) {
        return db::Conversions::begun(connection, owner, what);
    };
    const std::int64_t times = co_await context_.read(std::move(look));
    co_return times;
}

Task<void> Bookmarks::done(Jid owner, std::string_view what, std::int64_t begun) {
    if (begun == 0) co_return;
    db::Unit unit;
    db::Conversions::done(unit, owner.text(), what, begun);
    static_cast<void>(co_await context_.commit(std::move(unit)));
}

constexpr mod::Spec specs[] = {{"XEP-0402", "1.2.0"}, {"XEP-0048", "1.2"}, {"XEP-0411", "1.1.0"}};

}  // namespace

extern const mod::Info bookmarks_info;
const mod::Info bookmarks_info{.name = "bookmarks",
                               .summary = "Shows the same bookmarks to clients that keep them in different places.",
                               .implements = specs,
                               .config = &config::schema_of<BookmarksConfig>,
                               .for_guests = false,
                               .make = mod::make<Bookmarks>};

}  // namespace aldis::modules
