#include "modules/vcard.h"

#include "config/fields.h"
#include "mod/module.h"
#include "modules/commands.h"
#include "modules/pubsub/nodes.h"
#include "modules/stored_markup.h"
#include "modules/vcard4_rules.h"
#include "modules/vcard_rules.h"
#include "xep/xep0054_vcard_temp.h"
#include "xep/xep0084_avatars.h"

namespace aldis::modules {
namespace {

using Card = xep::vcard_temp::Card;

// In db::Conversions.
constexpr std::string_view conversion = "profile";
constexpr std::string_view hiding = "profile-visibility";

constexpr stanza::Error nothing_of_oneself{Condition::item_not_found, ErrorType::cancel, "There is no vCard yet."};
/// "The server MUST return the same error condition in both cases": no vCard, no user.
constexpr stanza::Error nothing_of_others{Condition::service_unavailable, ErrorType::cancel, {}};
constexpr stanza::Error of_another{Condition::forbidden, ErrorType::auth, "This belongs to somebody else."};
constexpr stanza::Error too_large{Condition::not_acceptable, ErrorType::modify, "The vCard is too large."};

struct VcardConfig {
    config::ByteSize bytes = config::kib(64);
    config::ByteSize picture_bytes = config::kib(256);
    std::uint32_t picture_side = 2'048;

    static constexpr auto fields = config::fields(
        config::field<&VcardConfig::bytes>("bytes", config::between(config::kib(1), config::mib(1)),
                                           config::doc("The largest vCard, without the picture.")),
        config::field<&VcardConfig::picture_bytes>("picture_bytes", config::between(config::kib(1), config::mib(16)),
                                                   config::doc("The largest picture in a vCard.")),
        config::field<&VcardConfig::picture_side>(
            "picture_side", config::between(16, 16'384),
            config::doc("The largest width and height of such a picture, in pixels.")));
};

/// XEP-0054: vcard-temp. The picture is kept beside the vCard: it comes and goes with the avatar (XEP-0398).
class Vcard final : public mod::Module {
public:
    explicit Vcard(mod::Context& context)
        : context_{context},
          registry_{context.host().slot<vcard::Registry>()},
          nodes_{context.host().slot<pubsub::Registry>()} {
        using mod::For;
        context.on_iq(IqType::get, For::own_account, *this, &Vcard::of_oneself);
        context.on_iq(IqType::set, For::own_account, *this, &Vcard::set);
        context.on_iq(IqType::get, For::account, *this, &Vcard::of_account);
        context.on_iq(IqType::get, For::nobody, *this, &Vcard::of_nobody);
        context.on_iq(IqType::get, For::server, *this, &Vcard::of_server);
        for (const For others : {For::account, For::nobody, For::server})
            context.on_iq(IqType::set, others, *this, &Vcard::forbid);
        context.on_load(&Vcard::load);
        context.on_available(*this, &Vcard::go_on);
        context.host().slot<commands::Registry>().add({.node = "profile-visibility",
                                                       .name = "Who sees my profile",
                                                       .run = commands::method(*this, &Vcard::choose)});
    }

private:
    static vcard::Known load(db::Connection& connection, const std::string& owner) {
        return {.visibility = db::Vcards::facts(connection, owner).visibility,
                .unfinished = db::Conversions::begun(connection, owner, conversion) > 0,
                .unhidden = db::Conversions::begun(connection, owner, hiding) > 0};
    }

    Task<Result<xml::Document>> of_oneself(mod::Request request, Card asked);
    Task<Result<xml::Document>> of_account(mod::Request request, Card asked);
    Result<mod::Empty> of_nobody(const mod::Request& /*request*/, Card /*asked*/) {
        return std::unexpected{nothing_of_others};
    }
    Result<xml::Document> of_server(const mod::Request& request, Card asked);
    Task<Result<mod::Empty>> set(mod::Request request, Card asked);
    Result<mod::Empty> forbid(const mod::Request& /*request*/, Card /*asked*/) { return std::unexpected{of_another}; }

    Task<db::Profile> profile_of(std::string owner);
    Task<void> follow(Jid owner);
    void go_on(session::Session& session);
    Task<Result<commands::Stage>> choose(commands::Call& call);
    Task<void> hide(Jid owner);
    Task<Result<void>> show_to(Jid owner, db::Visibility visibility);

    mod::Context& context_;
    vcard::Registry& registry_;
    pubsub::Registry& nodes_;
};

xml::Document card_of(const db::Profile& profile, bool with_picture) {
    xml::Document card = profile.card.empty() ? xml::Document{Card::schema.name} : read_stored(profile.card);
    if (with_picture && profile.avatar) vcard::add_picture(card.root(), profile.avatar->type, profile.avatar->bytes);
    return card;
}

Task<db::Profile> Vcard::profile_of(std::string owner) {
    auto find = [owner = std::move(owner)](db::Connection& connection) { return db::Vcards::find(connection, owner); };
    db::Profile profile = co_await context_.read(std::move(find));
    co_return profile;
}

Task<Result<xml::Document>> Vcard::of_oneself(mod::Request request, Card /*asked*/) {
    const db::Profile profile = co_await profile_of(request.account->jid().text());
    if (profile.card.empty() && !profile.avatar) co_return std::unexpected{nothing_of_oneself};
    co_return card_of(profile, true);
}

Task<Result<xml::Document>> Vcard::of_account(mod::Request request, Card /*asked*/) {
    const Jid owner = request.account->jid();
    const Jid asker = request.iq->from().bare();
    const bool subscribed = request.account->contacts().subscribed_from(asker.text());
    if (!vcard::may_see(request.account->slot<vcard::Known>().visibility, subscribed))
        co_return std::unexpected{nothing_of_others};

    const db::Profile profile = co_await profile_of(owner.text());
    bool picture = profile.avatar.has_value();
    // XEP-0398 "Security Considerations": who must not see the avatar does not see it here.
    if (picture && nodes_.nodes != nullptr)
        picture = co_await nodes_.nodes->may_see(owner, std::string{xep::avatars::data_ns}, asker);
    if (profile.card.empty() && !picture) co_return std::unexpected{nothing_of_others};
    co_return card_of(profile, picture);
}

/// "an XMPP server could itself have a vCard"
Result<xml::Document> Vcard::of_server(const mod::Request& request, Card /*asked*/) {
    xml::Document card{Card::schema.name};
    const std::string& domain = request.host->jid().text();
    card.root().append("FN").append_text(domain);
    card.root().append("JABBERID").append_text(domain);
    return card;
}

Task<Result<mod::Empty>> Vcard::set(mod::Request request, Card /*asked*/) {
    const VcardConfig& config = context_.config<VcardConfig>();
    xml::Document card = xml::Document::copy_of(*request.iq->payload());
    Result<std::optional<pictures::Picture>> picture =
        vcard::take_picture(card.root(), {.bytes = config.picture_bytes, .side = config.picture_side});
    if (!picture) co_return std::unexpected{picture.error()};
    std::string text = card.root().has_children() ? xml::to_string(card.root()) : std::string{};
    if (text.size() > config.bytes || vcard4::has_too_many(card.root())) co_return std::unexpected{too_large};

    const Jid owner = request.account->jid();
    db::Unit unit;
    const std::size_t size = text.size() + (*picture ? (*picture)->bytes.size() : 0);
    unit.add(
        [owner = owner.text(), text = std::move(text),
         avatar = vcard::stored_form(std::move(*picture))](db::Connection& connection) {
            db::Vcards::put_card(connection, owner, text);
            db::Vcards::put_avatar(connection, owner, avatar);
            db::Conversions::begin(connection, owner, conversion);
        },
        size);
    const Result<void> stored = co_await context_.commit(std::move(unit));
    if (!stored) co_return std::unexpected{stored.error()};
    co_await follow(owner);
    co_return mod::Empty{};
}

/// Makes what others show of the same profile agree with the vCard.
Task<void> Vcard::follow(Jid owner) {
    auto look = [owner = owner.text()](db::Connection& connection) {
        return db::Conversions::begun(connection, owner, conversion);
    };
    const std::int64_t begun = co_await context_.read(std::move(look));
    if (begun == 0) co_return;
    for (const auto& follower : registry_.followers) {
        Task<Result<void>> work = follower(owner);
        const Result<void> done = co_await work;
        if (done) continue;
        // It is noted that it is still to be done.
        context_.log().warn("a profile is not shown in all its forms", kv("account", owner),
                            kv("why", done.error().text));
        co_return;
    }
    db::Unit unit;
    db::Conversions::done(unit, owner.text(), conversion, begun);
    static_cast<void>(co_await context_.commit(std::move(unit)));
}

/// What the server had not finished when it was killed.
void Vcard::go_on(session::Session& session) {
    session::Account& account = session.account();
    vcard::Known& known = account.slot<vcard::Known>();
    if (std::exchange(known.unfinished, false)) account.tasks().start(follow(account.jid()));
    if (std::exchange(known.unhidden, false)) account.tasks().start(hide(account.jid()));
}

Task<Result<commands::Stage>> Vcard::choose(commands::Call& call) {
    session::Account* const account = call.account();
    if (account == nullptr) co_return std::unexpected{of_another};
    if (call.stage() == 0)
        co_return commands::ask(vcard::form_of({.visibility = account->slot<vcard::Known>().visibility}));
    const Result<vcard::Choice> choice = call.answer<vcard::Choice>();
    if (!choice) co_return std::unexpected{choice.error()};
    const Result<void> done = co_await show_to(call.to(), choice->visibility);
    if (!done) co_return std::unexpected{done.error()};
    co_return commands::done("Your profile is shown to " + std::string{vcard::told(choice->visibility)} + ".");
}

Task<Result<void>> Vcard::show_to(Jid owner, db::Visibility visibility) {
    db::Unit unit;
    unit.add([owner = owner.text(), visibility](db::Connection& connection) {
        db::Vcards::set_visibility(connection, owner, visibility);
        db::Conversions::begin(connection, owner, hiding);
    });
    const Result<void> stored = co_await context_.commit(std::move(unit));
    if (!stored) co_return stored;
    if (session::Account* const account = context_.home().find(owner))
        account->slot<vcard::Known>().visibility = visibility;
    co_await hide(owner);
    co_return Result<void>{};
}

/// Opens or closes what others show of the profile.
Task<void> Vcard::hide(Jid owner) {
    struct Wanted {
        db::Visibility visibility;
        std::int64_t begun;
    };
    auto look = [owner = owner.text()](db::Connection& connection) {
        return Wanted{.visibility = db::Vcards::facts(connection, owner).visibility,
                      .begun = db::Conversions::begun(connection, owner, hiding)};
    };
    const Wanted wanted = co_await context_.read(std::move(look));
    if (wanted.begun == 0) co_return;
    for (const auto& hider : registry_.hiders) {
        Task<void> work = hider(owner, wanted.visibility);
        co_await work;
    }
    db::Unit unit;
    db::Conversions::done(unit, owner.text(), hiding, wanted.begun);
    static_cast<void>(co_await context_.commit(std::move(unit)));
}

constexpr mod::Spec specs[] = {{"XEP-0054", "1.3.0"}};

}  // namespace

extern const mod::Info vcard_info;
const mod::Info vcard_info{.name = "vcard",
                           .summary = "Keeps what accounts tell of themselves, as most clients know it.",
                           .implements = specs,
                           .config = &config::schema_of<VcardConfig>,
                           .for_guests = false,
                           .make = mod::make<Vcard>};

}  // namespace aldis::modules
