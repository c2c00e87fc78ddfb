#include <limits>

#include "base/base64.h"
#include "config/fields.h"
#include "mod/module.h"
#include "modules/avatar_rules.h"
#include "modules/pubsub/access.h"
#include "modules/pubsub/config.h"
#include "modules/pubsub/nodes.h"
#include "modules/stored_markup.h"
#include "modules/vcard.h"
#include "modules/vcard_rules.h"
#include "xep/xep0153_vcard_avatars.h"
#include "xep/xep0398_avatar_conversion.h"

namespace aldis::modules {
namespace {

using pubsub::Change;

const std::string data_node{xep::avatars::data_ns};
const std::string metadata_node{xep::avatars::metadata_ns};

constexpr pictures::Limits unlimited{.bytes = std::numeric_limits<std::uint32_t>::max(),
                                     .side = std::numeric_limits<std::uint16_t>::max()};

struct AvatarsConfig {
    config::ByteSize bytes = config::kib(256);
    std::uint32_t side = 2'048;

    static constexpr auto fields = config::fields(
        config::field<&AvatarsConfig::bytes>("bytes", config::between(config::kib(1), config::mib(16)),
                                             config::doc("The largest avatar.")),
        config::field<&AvatarsConfig::side>("side", config::between(16, 16'384),
                                            config::doc("The largest width and height of an avatar, in pixels.")));
};

/// account.slot<Shown>(): read when the account is.
struct Shown {
    std::string hash = {};  ///< of the picture in the vCard
    db::Visibility to = db::Visibility::everyone;
    std::unique_ptr<avatars::Known> last = {};  ///< what was published to the data node since

    friend bool same(const Shown& one, const Shown& other) { return one.hash == other.hash && one.to == other.to; }
};

/// session.slot<Told>(): what we have put into its last broadcast presence.
struct Told {
    std::optional<std::string> hash;
};

/// XEP-0084, XEP-0153, XEP-0398: an avatar that is published to the account's nodes is the picture in its vCard, and
/// the other way round, and presence tells everybody which one it is.
class Avatars final : public mod::Module {
public:
    explicit Avatars(mod::Context& context) : context_{context}, pubsub_{context.host().slot<pubsub::Registry>()} {
        context.on_ready(*this, &Avatars::begin);
        context.on_load(&Avatars::load);
        context.on_presence(*this, &Avatars::amend);
        pubsub_.with_change(data_node, [this](session::Account& account, const Change& change, db::Unit& /*unit*/) {
            return check_data(account, change);
        });
        pubsub_.with_change(metadata_node, [this](session::Account& account, const Change& change, db::Unit& unit) {
            return convert(account, change, unit);
        });
        for (const std::string& node : {data_node, metadata_node})
            pubsub_.on_change(node, [this](session::Account& account, const Change& /*change*/) {
                account.tasks().start(refresh(account.jid()));
            });
        vcard::Registry& profiles = context.host().slot<vcard::Registry>();
        profiles.followers.emplace_back([this](Jid owner) { return follow(std::move(owner)); });
        profiles.hiders.emplace_back(
            [this](Jid owner, db::Visibility visibility) { return hide(std::move(owner), visibility); });
    }

private:
    void begin() {
        if (pubsub_.nodes != nullptr) context_.feature(mod::For::account, xep::avatar_conversion_feature);
    }
    static Shown load(db::Connection& connection, const std::string& owner);
    [[nodiscard]] pictures::Limits limits() const {
        const AvatarsConfig& config = context_.config<AvatarsConfig>();
        return {.bytes = config.bytes, .side = config.side};
    }

    void amend(session::Session& session, Presence& presence);
    Result<void> check_data(session::Account& account, const Change& change);
    Result<void> convert(session::Account& account, const Change& change, db::Unit& unit);
    Task<void> refresh(Jid owner);
    Task<Result<void>> follow(Jid owner);
    Task<Result<void>> publish(Jid owner, db::Profile profile);
    Task<Result<void>> put(Jid owner, std::string node, pubsub::Item item, db::Visibility visibility);
    Task<void> hide(Jid owner, db::Visibility visibility);

    mod::Context& context_;
    pubsub::Registry& pubsub_;
};

// ---- What presence says ----

/// Who may see what a node of that access model has.
db::Visibility audience_of(pubsub::AccessModel model) {
    switch (model) {
        case pubsub::AccessModel::open: return db::Visibility::everyone;
        case pubsub::AccessModel::presence: return db::Visibility::subscribers;
        case pubsub::AccessModel::authorize:
        case pubsub::AccessModel::roster:
        case pubsub::AccessModel::whitelist: break;
    }
    return db::Visibility::nobody;
}

/// Without the node, everybody who sees the vCard sees the picture.
Shown Avatars::load(db::Connection& connection, const std::string& owner) {
    const db::ProfileFacts facts = db::Vcards::facts(connection, owner);
    Shown shown{.hash = facts.hash, .to = facts.visibility};
    if (shown.hash.empty()) return shown;
    for (const db::PubsubNode& node : db::Pubsub::load(connection, owner))
        if (node.name == data_node)
            shown.to = std::max(shown.to, audience_of(pubsub::decode(node.config).access_model));
    return shown;
}

/// XEP-0398 "Presence Broadcast": "services MUST include the hash on behalf of their users in every available
/// presence", also if it is directed to somebody.
void Avatars::amend(session::Session& session, Presence& presence) {
    session::Account& account = session.account();
    const Shown& shown = account.slot<Shown>();
    const bool broadcast = presence.to().empty();
    const bool subscribed = broadcast || account.contacts().subscribed_from(presence.to().bare_text());
    const std::string hash = vcard::may_see(shown.to, subscribed) ? shown.hash : std::string{};

    const std::optional<xep::VcardUpdate> before = presence.get<xep::VcardUpdate>();
    Told* const told = session.slots().find<Told>();
    // What we have put there ourselves is not the client's word.
    if (broadcast && told != nullptr && told->hash && before && before->photo == *told->hash)
        avatars::forget_announced(presence);
    const std::optional<std::string> put = avatars::announce(presence, hash);
    if (broadcast && (put || told != nullptr)) session.slot<Told>().hash = put;
}

/// The picture, or who sees it, may be another one: presence that was broadcast says so.
Task<void> Avatars::refresh(Jid owner) {
    auto find = [owner = owner.text()](db::Connection& connection) { return load(connection, owner); };
    const Shown now = co_await context_.read(std::move(find));
    session::Account* const account = context_.home().find(owner);
    if (account == nullptr) co_return;
    Shown& shown = account->slot<Shown>();
    if (same(shown, now)) co_return;
    shown.hash = now.hash;
    shown.to = now.to;
    for (const auto& session : account->sessions()) account->show_again(*session);
}

// ---- From PEP to vCard ----

Result<void> Avatars::check_data(session::Account& account, const Change& change) {
    if (change.kind != Change::published) return {};
    for (const pubsub::Item& item : change.items) {
        if (item.payload.empty()) return refuse(Condition::bad_request, ErrorType::modify, "There is no picture.");
        const xml::Document payload = read_stored(item.payload);
        // What was taken into the vCard is good enough.
        const bool own = change.by == account.jid();
        const Result<pictures::Picture> picture =
            avatars::check_data(item.id, payload.root(), own ? unlimited : limits());
        if (!picture) return std::unexpected{picture.error()};
        account.slot<Shown>().last = std::make_unique<avatars::Known>(
            avatars::Known{.hash = picture->hash, .bytes = picture->bytes.size(), .header = picture->header});
    }
    return {};
}

/// What is at the data node under that id; nothing: it is no such picture. It was checked when it was published.
std::optional<db::Avatar> find_picture(db::Connection& connection, const std::string& owner, const std::string& hash,
                                       const pictures::Limits& limits, Timestamp now) {
    const std::optional<db::PubsubItem> item = db::Pubsub::item(connection, owner, data_node, hash, now);
    if (!item || item->payload.empty()) return std::nullopt;
    const xml::Document payload = read_stored(item->payload);
    Result<pictures::Picture> picture = avatars::check_data(hash, payload.root(), limits);
    if (!picture) return std::nullopt;
    return vcard::stored_form(std::move(*picture));
}

/// XEP-0398 "From PEP to vCard": "Upon receiving a publication request to the 'urn:xmpp:avatar:metadata' node the
/// service MUST look up the corresponding item ... and store the content of the data element as a photo in the vcard."
Result<void> Avatars::convert(session::Account& account, const Change& change, db::Unit& unit) {
    std::optional<xep::avatars::Info> info;
    if (change.kind == Change::published) {
        if (change.items.empty() || change.items.back().payload.empty())
            return refuse(Condition::bad_request, ErrorType::modify, "There is no metadata.");
        const xml::Document payload = read_stored(change.items.back().payload);
        const avatars::Known* const last = account.slot<Shown>().last.get();
        Result<std::optional<xep::avatars::Info>> found = avatars::check_metadata(payload.root(), last);
        if (!found) return std::unexpected{found.error()};
        info = std::move(*found);
    }
    if (change.by == account.jid()) return {};  // by follow()
    unit.add([owner = account.jid().text(), hash = info ? info->id : std::string{}, limits = limits(),
              now = context_.clock().now()](db::Connection& connection) {
        if (hash.empty()) return db::Vcards::put_avatar(connection, owner, std::nullopt);
        // Data that is not there, or no longer may be, leaves the picture as it is.
        if (const auto picture = find_picture(connection, owner, hash, limits, now))
            db::Vcards::put_avatar(connection, owner, picture);
    });
    return {};
}

// ---- From vCard to PEP ----

/// The picture that the metadata node tells of; nothing: none that is here.
std::optional<std::string> published_hash(const Result<std::vector<pubsub::Item>>& items) {
    if (!items || items->empty() || items->front().payload.empty()) return std::nullopt;
    const xml::Document payload = read_stored(items->front().payload);
    const Result<std::optional<xep::avatars::Info>> info = avatars::check_metadata(payload.root(), nullptr);
    if (!info || !*info) return std::nullopt;
    return (*info)->id;
}

Task<Result<void>> Avatars::follow(Jid owner) {
    auto find = [owner = owner.text()](db::Connection& connection) { return db::Vcards::find(connection, owner); };
    db::Profile profile = co_await context_.read(std::move(find));
    Result<void> done;
    if (pubsub_.nodes != nullptr) {
        const auto items = co_await pubsub_.nodes->items(owner, metadata_node, 1);
        const std::string published = published_hash(items).value_or("");
        if (published != profile.facts.hash) done = co_await publish(owner, std::move(profile));
    }
    co_await refresh(owner);
    co_return done;
}

/// "a service MUST first publish an item to the 'urn:xmpp:avatar:data' node on behalf of the requesting entity ...
/// Afterwards the service MUST publish a new item to the 'urn:xmpp:avatar:metadata' node".
Task<Result<void>> Avatars::publish(Jid owner, db::Profile profile) {
    const db::Visibility visibility = profile.facts.visibility;
    pubsub::Item metadata{.payload = xml::to_string(xml::build(xep::avatars::Metadata{}).root())};
    if (profile.avatar) {
        const db::Avatar& avatar = *profile.avatar;
        const pictures::Header header = pictures::read_header(avatar.bytes).value_or(pictures::Header{});
        const xep::avatars::Data bytes{.base64 = base64_encode(avatar.bytes)};
        pubsub::Item data{.id = avatar.hash, .payload = xml::to_string(xml::build(bytes).root())};
        const Result<void> done = co_await put(owner, data_node, std::move(data), visibility);
        if (!done) co_return done;
        const xep::avatars::Metadata told = avatars::metadata_of(header, avatar.bytes.size(), avatar.hash);
        metadata = {.id = avatar.hash, .payload = xml::to_string(xml::build(told).root())};
    }
    const Result<void> done = co_await put(owner, metadata_node, std::move(metadata), visibility);
    co_return done;
}

Task<Result<void>> Avatars::put(Jid owner, std::string node, pubsub::Item item, db::Visibility visibility) {
    pubsub::PublishOptions options;
    options.config = {{"access_model", std::string{vcard::access_model(visibility)}}};
    const Result<std::string> done =
        co_await pubsub_.nodes->publish(std::move(owner), std::move(node), std::move(item), std::move(options));
    if (!done) co_return std::unexpected{done.error()};
    co_return Result<void>{};
}

Task<void> Avatars::hide(Jid owner, db::Visibility visibility) {
    if (pubsub_.nodes != nullptr)
        for (const std::string& node : {data_node, metadata_node}) {
            pubsub::Config config{{"access_model", std::string{vcard::access_model(visibility)}}};
            static_cast<void>(co_await pubsub_.nodes->configure(owner, node, std::move(config)));
        }
    co_await refresh(std::move(owner));
}

constexpr mod::Spec specs[] = {{"XEP-0084", "1.1.4"}, {"XEP-0153", "1.1.1"}, {"XEP-0398", "1.0.0"}};

}  // namespace

extern const mod::Info avatars_info;
const mod::Info avatars_info{.name = "avatars",
                             .summary = "Shows the same avatar to clients that look for it in different places.",
                             .implements = specs,
                             .config = &config::schema_of<AvatarsConfig>,
                             .for_guests = false,
                             .make = mod::make<Avatars>};

}  // namespace aldis::modules
