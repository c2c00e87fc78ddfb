#include "config/fields.h"
#include "mod/module.h"
#include "modules/inbox_rules.h"
#include "modules/mam/far_retractions.h"
#include "modules/mam/page.h"
#include "modules/mam/preferences.h"
#include "modules/mam/retraction.h"
#include "modules/mam/rules.h"
#include "modules/repeats_rules.h"
#include "modules/search.h"
#include "xep/xep0313_mam.h"
#include "xep/xep0359_stanza_ids.h"
#include "xep/xep0424_retraction.h"
#include "xep/xep0441_mam_preferences.h"

namespace aldis::modules {
namespace {

struct MamConfig {
    std::uint32_t usual_page = 50;
    std::uint32_t largest_page = 250;
    config::ByteSize page_bytes = config::mib(1);
    static constexpr auto fields = config::fields(
        config::field<&MamConfig::usual_page>(
            "usual_page", config::between(1, 10'000),
            config::doc("Messages in a page of a client that does not say how many.")),
        config::field<&MamConfig::largest_page>("largest_page", config::between(1, 10'000),
                                                config::doc("Messages in a page; larger requests are cut to this.")),
        config::field<&MamConfig::page_bytes>("page_bytes", config::between(config::kib(16), config::mib(64)),
                                              config::doc("The same, in bytes; one message is always sent.")));
};

/// What is known of an account as long as it is in memory. Small: every session has an account.
struct Known {
    std::unique_ptr<db::ArchivePreferences> preferences = nullptr;  ///< null: it never said anything
};

db::ArchivePreferences preferences_of(const Known& known) {
    return known.preferences ? *known.preferences : db::ArchivePreferences{};
}

Known load(db::Connection& connection, const std::string& owner) {
    Known known;
    if (std::optional<db::ArchivePreferences> stored = db::ArchivePrefs::load(connection, owner))
        known.preferences = std::make_unique<db::ArchivePreferences>(std::move(*stored));
    return known;
}

/// XEP-0313: Message Archive Management, for accounts. Messages are kept as they were sent; the recipient's copy also
/// carries the id under which his archive has it (XEP-0359). Preferences are XEP-0441.
class Mam final : public mod::Module {
public:
    explicit Mam(mod::Context& context)
        : context_{context},
          config_{context.config<MamConfig>()},
          archive_{context.store<db::Archive>()},
          far_retractions_{context} {
        using mod::For;
        context.on_message(mod::Phase::amend, *this, &Mam::strip_forged_ids);
        context.on_message(mod::Phase::archive, *this, &Mam::keep);
        context.on_load(&load);
        context.on_iq(IqType::set, For::own_account, *this, &Mam::query);
        context.on_iq(IqType::get, For::own_account, *this, &Mam::form);
        context.on_iq(IqType::get, For::own_account, *this, &Mam::metadata);
        context.on_bound(*this, &Mam::tell_bounds);
        context.on_iq(IqType::get, For::own_account, *this, &Mam::preferences);
        context.on_iq(IqType::set, For::own_account, *this, &Mam::set_preferences);
        keep_out<xep::mam::Query>(IqType::set);
        keep_out<xep::mam::Query>(IqType::get);
        keep_out<xep::mam::Metadata>(IqType::get);
        keep_out<xep::mam::Prefs>(IqType::get);
        keep_out<xep::mam::Prefs>(IqType::set);
        context.feature(For::server, xep::mam::ns);  // COMPAT: Profanity 0.13 looks for it there
        context.feature(For::own_account, xep::mam::extended);
        context.feature(For::own_account, xep::mam::groupchat_field);
        context.feature(For::own_account, xep::stanza_ids_ns);
        // XEP-0424 "Discovering support", "Tombstones".
        for (const For place : {For::server, For::own_account}) {
            context.feature(place, xep::retraction::ns);
            context.feature(place, xep::retraction::tombstone_feature);
        }
        // One of all instances cleans up: the archives of all owners are one table.
        if (context.home().shard().index() == 0) context.every(std::chrono::minutes{10}, *this, &Mam::clean_up);
    }

private:
    mod::Step strip_forged_ids(session::Transit& transit);
    mod::Step keep(session::Transit& transit);
    void bury_retracted(session::Transit& transit);
    Task<Result<xep::mam::Fin>> query(mod::Request request, xep::mam::Query query);
    Result<xep::mam::Query> form(const mod::Request& request, xep::mam::Query query);
    Task<Result<xep::mam::Metadata>> metadata(mod::Request request, xep::mam::Metadata asked);
    Task<xep::mam::Metadata> read_metadata(std::string owner);
    Task<void> tell_bounds(session::Session& session, xml::Document& bound);
    Result<xep::mam::Prefs> preferences(const mod::Request& request, xep::mam::Prefs asked);
    Task<Result<xep::mam::Prefs>> set_preferences(mod::Request request, xep::mam::Prefs wished);

    /// XEP-0313 "Data privacy": nobody reads another's archive; nor does the answer tell whose archives there are.
    template <class Payload>
    void keep_out(IqType type) {
        context_.on_iq(type, mod::For::account, *this, &Mam::forbid<Payload>);
        context_.on_iq(type, mod::For::nobody, *this, &Mam::forbid<Payload>);
    }
    template <class Payload>
    Result<mod::Empty> forbid(const mod::Request& /*request*/, Payload /*payload*/) {
        return refuse(Condition::forbidden, ErrorType::auth);
    }

    void clean_up();
    Task<void> clean_up_bit_by_bit();

    mod::Context& context_;
    MamConfig config_;
    db::Archive& archive_;
    mam::FarRetractions far_retractions_;
    bool cleaning_ = false;
};

/// XEP-0359 "Business Rules": only we speak for this archive, also about what is not archived.
mod::Step Mam::strip_forged_ids(session::Transit& transit) {
    // What one sends to oneself was looked at on its way out, and has its id since.
    if (transit.outward() || !transit.to_self) xep::remove_stanza_ids(transit.message, transit.account.jid());
    return mod::Flow::pass;
}

mod::Step Mam::keep(session::Transit& transit) {
    if (transit.to_self && !transit.outward()) return mod::Flow::pass;  // once is enough
    bury_retracted(transit);
    const mam::Verdict verdict = mam::should_keep(transit.message);
    if (!verdict.yes) {
        context_.log().debug("not archived", kv("account", transit.account.jid()), kv("why", verdict.why));
        return mod::Flow::pass;
    }
    const auto& known = transit.account.slot<Known>();
    if (known.preferences && !mam::wants(*known.preferences, transit.peer(), transit.account.contacts()))
        return mod::Flow::pass;

    const Jid& owner = transit.account.jid();
    const std::optional<repeats::Fingerprint> fingerprint =
        transit.outward() ? repeats::fingerprint_of(transit.message) : std::nullopt;
    const db::ArchiveId id =
        archive_.append(transit.unit, owner.text(),
                        {.with = transit.peer().bare_text(),
                         .with_resource = transit.peer().resource(),
                         .at = context_.clock().now(),
                         .stanza = transit.bytes(),
                         .dedup_key = mam::name_of(transit.message),
                         .outgoing = transit.outward(),
                         .kind = inbox::is_message(transit.message) ? db::Inbox::message : std::uint8_t{0},
                         .mark = fingerprint ? fingerprint->message : 0});
    transit.archived = id;
    // "Communicating the archive ID": to those who may read the archive, and to nobody else.
    if (!transit.outward() || transit.to_self) transit.message.annotate(xep::StanzaId{.id = id.text(), .by = owner});
    return mod::Flow::pass;
}

/// XEP-0424 "Tombstones". In both archives, whatever their owners' preferences are now; what waits in offline storage
/// is sent as it is, and the retraction behind it.
void Mam::bury_retracted(session::Transit& transit) {
    std::optional<mam::Retraction> retraction =
        mam::retraction_of(transit.message, transit.outward(), context_.clock().now());
    if (!retraction) return;
    const auto buried = std::make_shared<std::atomic<bool>>(false);
    db::Archive::retract(
        transit.unit, transit.account.jid().text(), transit.peer().bare_text(), retraction->of,
        [retraction = *retraction](const db::ArchivedMessage& entry) {
            return mam::tombstone_of(entry.stanza, entry.outgoing, retraction);
        },
        buried);
    far_retractions_.add(transit, std::move(*retraction), buried);
}

/// Sends one page as messages; what is returned follows them.
Task<Result<xep::mam::Fin>> Mam::query(mod::Request request, xep::mam::Query query) {
    if (request.session == nullptr) co_return refuse(Condition::service_unavailable, ErrorType::cancel);
    const Jid& owner = request.account->jid();
    Result<db::ArchiveRange> range =
        mam::range_of(query, {.usual = config_.usual_page, .largest = config_.largest_page});
    if (!range) co_return std::unexpected{range.error()};
    if (!range->terms.empty()) {
        if (!search::is_on(context_)) co_return std::unexpected{xep::dataforms::unknown_field};
        co_await search::catch_up(context_);
    }

    auto job = [name = owner.text(), wanted = *range](db::Connection& connection) {
        return db::Archive::page(connection, name, wanted);
    };
    Result<db::ArchivePage> page = co_await context_.read(std::move(job));
    if (!page) co_return std::unexpected{page.error()};

    mam::cut(*page, *range, config_.page_bytes);
    xep::mam::Fin fin = mam::fin_of(*page, *range);
    if (query.flip_page) std::ranges::reverse(page->entries);
    for (db::ArchivedMessage& entry : page->entries) {
        Message message{{.from = owner, .to = request.session->jid()}};
        message.add(xep::mam::Match{.queryid = query.queryid,
                                    .id = entry.id.text(),
                                    .forwarded = {.delay = xep::Delay{.stamp = entry.id.time()},
                                                  .stanza = make_bytes(std::move(entry.stanza))}});
        request.session->send(message);
    }
    co_return fin;
}

/// "Retrieving form fields".
Result<xep::mam::Query> Mam::form(const mod::Request& /*request*/, xep::mam::Query /*query*/) {
    xep::dataforms::Form fields = xep::dataforms::blank<xep::mam::Filter>();
    if (!search::is_on(context_))
        std::erase_if(fields.fields, [](const auto& field) { return field.var == xep::fulltext::field; });
    return xep::mam::Query{.form = std::move(fields)};
}

Task<Result<xep::mam::Metadata>> Mam::metadata(mod::Request request, xep::mam::Metadata /*asked*/) {
    co_return co_await read_metadata(request.account->jid().text());
}

Task<xep::mam::Metadata> Mam::read_metadata(std::string owner) {
    auto job = [owner = std::move(owner)](db::Connection& connection) {
        return db::Archive::metadata(connection, owner);
    };
    const std::optional<db::ArchiveMetadata> found = co_await context_.read(std::move(job));
    xep::mam::Metadata metadata;
    if (found) {
        metadata.start = xep::mam::Bound{.id = found->first.text(), .timestamp = found->first.time()};
        metadata.end = xep::mam::Bound{.id = found->last.text(), .timestamp = found->last.time()};
    }
    co_return metadata;
}

/// XEP-0386 "Performing the bind": the state of the archive as of the moment from which on the session gets everything
/// itself; what is on its way to the disk belongs to it.
Task<void> Mam::tell_bounds(session::Session& session, xml::Document& bound) {
    const std::string owner = session.account().jid().text();
    const Result<void> written = co_await context_.commit({});
    if (!written) co_return;
    const xep::mam::Metadata metadata = co_await read_metadata(owner);
    xml::add(bound.root(), metadata);
}

Result<xep::mam::Prefs> Mam::preferences(const mod::Request& request, xep::mam::Prefs /*asked*/) {
    return mam::client_form(preferences_of(request.account->slot<Known>()));
}

/// They hold from this moment, for what the client sends behind its request, too; the answer follows the commit.
Task<Result<xep::mam::Prefs>> Mam::set_preferences(mod::Request request, xep::mam::Prefs wished) {
    Result<db::ArchivePreferences> next = mam::stored_form(wished);
    if (!next) co_return std::unexpected{next.error()};
    db::Unit unit;
    db::ArchivePrefs::put(unit, request.account->jid().text(), *next);

    auto& known = request.account->slot<Known>();
    auto before = std::exchange(known.preferences, std::make_unique<db::ArchivePreferences>(std::move(*next)));
    const Result<void> stored = co_await context_.commit(std::move(unit));
    if (!stored) {
        known.preferences = std::move(before);
        co_return std::unexpected{stored.error()};
    }
    co_return mam::client_form(preferences_of(known));
}

void Mam::clean_up() {
    if (!std::exchange(cleaning_, true)) context_.start(clean_up_bit_by_bit());
}

/// Deletes what removed accounts have left, a little at a time, so that nobody waits for it.
Task<void> Mam::clean_up_bit_by_bit() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{cleaning_};
    constexpr std::size_t bit = 100;
    db::Database& database = context_.home().stores().database;
    for (bool more = true; more;) {
        auto job = [](db::Connection& connection) { return db::Archive::purge(connection, bit) > 0; };
        more = co_await database.write(context_.home().way_back(), std::move(job));
    }
}

constexpr mod::Spec specs[] = {
    {"XEP-0313", "1.1.3"}, {"XEP-0441", "0.2.0"}, {"XEP-0359", "0.7.0"}, {"XEP-0059", "1.0"}, {"XEP-0424", "0.4.2"}};

}  // namespace

extern const mod::Info mam_info;
const mod::Info mam_info{.name = "mam",
                         .summary = "Keeps every account's messages, and lets their owners page through them.",
                         .implements = specs,
                         .config = &config::schema_of<MamConfig>,
                         .for_guests = false,
                         .make = mod::make<Mam>};

}  // namespace aldis::modules
