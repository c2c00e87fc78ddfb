#include "modules/repeats_rules.h"

#include <algorithm>

#include "db/sent_marks.h"
#include "mod/module.h"
#include "modules/offline_rules.h"

namespace aldis::modules {
namespace {

using repeats::Sent;

/// Small while the account sends nothing: every session has an account.
struct Known {
    std::unique_ptr<Sent> sent = nullptr;  ///< null: nothing

    void add(const repeats::Fingerprint& fingerprint, Timestamp at) {
        if (!sent) sent = std::make_unique<Sent>();
        sent->add(fingerprint, at);
    }
};

/// What the database has of the last hour, so that a message is recognised after this server has been killed, too: in
/// the archive, or, where that was told not to keep it, a mark.
Known load(db::Connection& connection, const std::string& owner, Timestamp now) {
    const Timestamp since = now - Sent::lasting;
    std::vector<db::SentMark> sent = db::SentMarks::since(connection, owner, since, Sent::most);
    for (const db::SentMessage& message : db::Archive::recent_sent(connection, owner, since, Sent::most)) {
        const repeats::Fingerprint known = repeats::fingerprint_of(message);
        sent.push_back({.at = message.id.time(), .message = known.message, .id = known.id});
    }
    std::ranges::sort(sent, {}, &db::SentMark::at);
    Known known;
    for (const db::SentMark& mark : sent) known.add({.message = mark.message, .id = mark.id}, mark.at);
    return known;
}

/// Each message once: what a client sends again is neither stored nor delivered again. It is acknowledged when what
/// was sent before it is on disk, the first of its kind among it. Knows all messages of the last hour, up to a bound;
/// after a restart those that may have been stored, be it in the sender's archive or for the receiver.
class Repeats final : public mod::Module {
public:
    explicit Repeats(mod::Context& context) : context_{context} {
        using enum mod::Direction;
        context.on_message(outward, mod::Phase::amend, *this, &Repeats::recognise);
        context.on_message(outward, mod::Phase::archive, *this, &Repeats::remember);
        context.on_message(outward, mod::Phase::tally, *this, &Repeats::write_down);
        context.on_message(inward, mod::Phase::amend, *this, &Repeats::learn_of_refusal);
        context.handlers().loaders.push_back(
            [&clock = context.clock()](db::Connection& connection, const std::string& owner) {
                return session::slot_of(load(connection, owner, clock.now()));
            });
        context.every(std::chrono::minutes{10}, *this, &Repeats::forget_old);
    }

private:
    mod::Step recognise(session::Transit& transit) {
        const auto& known = transit.account.slot<Known>();
        if (!known.sent) return mod::Flow::pass;
        const std::optional<repeats::Fingerprint> fingerprint = repeats::fingerprint_of(transit.message);
        if (!fingerprint || !known.sent->has(*fingerprint, context_.clock().now())) return mod::Flow::pass;
        context_.log().debug("sent again", kv("account", transit.account.jid()));
        return mod::Flow::taken;
    }

    /// Nothing that is refused on the sender's own side comes so far.
    mod::Step remember(session::Transit& transit) {
        if (transit.message.is_error()) return mod::Flow::pass;
        if (const std::optional<repeats::Fingerprint> fingerprint = repeats::fingerprint_of(transit.message))
            transit.account.slot<Known>().add(*fingerprint, context_.clock().now());
        return mod::Flow::pass;
    }

    /// What is in no archive of its sender may be in one of its receiver, or wait for him. Only who was promised
    /// acknowledgements (XEP-0198) knows what to send again after a crash.
    mod::Step write_down(session::Transit& transit) {
        if (transit.session == nullptr || transit.session->management() == nullptr) return mod::Flow::pass;
        if (context_.host().domain().anonymous) return mod::Flow::pass;  // a guest leaves nothing behind
        if (transit.archived || offline::fate_of(transit.message) != offline::Fate::keep) return mod::Flow::pass;
        if (const std::optional<repeats::Fingerprint> fingerprint = repeats::fingerprint_of(transit.message))
            db::SentMarks::add(transit.unit, transit.account.jid().text(),
                               {.at = context_.clock().now(), .message = fingerprint->message, .id = fingerprint->id},
                               Sent::lasting);
        return mod::Flow::pass;
    }

    /// What was refused, or could not be stored, may be sent again.
    mod::Step learn_of_refusal(session::Transit& transit) {
        if (!transit.message.is_error()) return mod::Flow::pass;
        const auto& known = transit.account.slot<Known>();
        if (known.sent) known.sent->forget(repeats::refused_id(transit.message));
        return mod::Flow::pass;
    }

    void forget_old() {
        const Timestamp now = context_.clock().now();
        context_.home().for_each_session(context_.host(), [now](session::Session& session) {
            auto& sent = session.account().slot<Known>().sent;
            if (!sent) return;
            sent->expire(now);
            if (sent->empty()) sent.reset();
        });
    }

    mod::Context& context_;
};

constexpr mod::Spec specs[] = {{"XEP-0359", "0.7.0"}};

}  // namespace

extern const mod::Info repeats_info;
const mod::Info repeats_info{.name = "repeats",
                             .summary = "Takes each message once, however often a client sends it.",
                             .implements = specs,
                             .make = mod::make<Repeats>};

}  // namespace aldis::modules
