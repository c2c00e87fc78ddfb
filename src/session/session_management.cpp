// XEP-0198: stream management.
#include "net/shard.h"
#include "session/account.h"
#include "session/home.h"
#include "session/session.h"
#include "xml/writer.h"

namespace aldis::session {
namespace {

constexpr std::string_view sm_ns = "urn:xmpp:sm:3";
constexpr std::string_view ask = "<r xmlns='urn:xmpp:sm:3'/>";

std::string failed(Condition condition) {
    std::string xml = "<failed xmlns='";
    xml.append(sm_ns).append("'><").append(stanza::name_of(condition));
    return xml.append(" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
}

}  // namespace

bool Session::element(const xml::Element& element) {
    if (element.ns() != sm_ns) {
        const auto& known = account_.host().handlers().elements;
        const auto place = known.find({std::string{element.ns()}, std::string{element.local()}});
        if (place == known.end()) return false;
        place->second(*this, element);
        return true;
    }
    if (element.local() == "r" && management_) {
        management_->ack_last = handled_.begun();
        if (management_->ack_due == 0) management_->ack_due = management_->ack_last;
        answer_ack_request();
    } else if (element.local() == "a" && management_) {
        acknowledged(element);
    } else if (element.local() == "enable") {
        const bool again = management_ != nullptr;
        stream_->send(enable(element));
        // "a client SHALL only make at most one attempt"
        if (again) end(stream::StreamCondition::policy_violation, "Stream management is enabled already.");
    } else {
        stream_->send(failed(Condition::unexpected_request));
    }
    return true;
}

std::string Session::enable(const xml::Element& enable) {
    if (management_) return failed(Condition::unexpected_request);
    const std::optional<std::string_view> resume = enable.attribute("resume");
    const std::optional<bool> wanted = resume ? xml::Codec<bool>::parse(*resume) : false;
    if (!wanted) return failed(Condition::bad_request);

    management_ = std::make_unique<Management>();
    management_->counted_from = handled_.begun();
    const Resumption& bounds = account_.home().limits().resumption;
    std::string xml = "<enabled xmlns='";
    xml.append(sm_ns).append(1, '\'');
    // XEP-0175: a guest gets another name each time, and so could never come back to it.
    if (*wanted && bounds.patience.count() > 0 && !account_.host().domain().anonymous) {
        const auto max = xml::Codec<std::uint32_t>::parse(enable.attribute_or("max", ""));
        management_->patience = bounds.patience;
        if (max && *max > 0) management_->patience = std::min(bounds.patience, std::chrono::seconds{*max});
        management_->id = account_.home().shard().random().token(24);
        xml.append(" id='").append(management_->id).append("' resume='true' max='");
        xml.append(std::to_string(management_->patience.count())).append(1, '\'');
    }
    return xml.append("/>");
}

// ---- What the client has handled ----

/// One question at a time; presence alone is not worth one.
void Session::ask_for_ack() {
    if (!stream_ || management_->asked || !management_->unacknowledged.matters()) return;
    management_->asked = true;
    stream_->send(ask);
}

void Session::request_ack() {
    if (!stream_ || !management_) return;
    management_->asked = true;
    stream_->send(ask);
}

void Session::acknowledged(const xml::Element& ack) {
    const auto h = xml::Codec<std::uint32_t>::parse(ack.attribute_or("h", ""));
    if (!h) throw stream::StreamError{stream::StreamCondition::bad_format, "An <a/> has an 'h'."};
    if (!settle_acknowledged(*h)) return handled_too_many(*h);
    management_->asked = false;
    ask_for_ack();
}

bool Session::settle_acknowledged(std::uint32_t h) {
    const std::size_t before = management_->unacknowledged.bytes();
    const auto done = management_->unacknowledged.acknowledge(h);
    if (!done) return false;
    account_.home().count_connected(-static_cast<std::ptrdiff_t>(before - management_->unacknowledged.bytes()));
    for (const Unacknowledged::Stanza& stanza : *done) {
        if (stanza.delivery) {
            --stanza.delivery->waiting;
            account_.taken(*stanza.delivery);
        }
        if (!stanza.tracked) continue;
        for (const mod::AcknowledgedHandler& handler : account_.host().handlers().acknowledged)
            handler(*this, *stanza.tracked);
    }
    return true;
}

void Session::handled_too_many(std::uint32_t h) {
    const TooMany error{h, management_->unacknowledged.sent()};
    end(stream::StreamCondition::undefined_condition, error.text(), error.xml());
}

std::string TooMany::text() const {
    return "You acknowledged " + std::to_string(h) + " stanzas, but only " + std::to_string(sent) + " were sent.";
}

std::string TooMany::xml() const {
    return "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='" + std::to_string(h) + "' send-count='" +
           std::to_string(sent) + "'/>";
}

/// Every session's part, and nothing that a client could make grow: whoever acknowledges nothing is cut off, and what
/// it has not got goes on to where it is kept.
void Session::check_bounds() {
    const Resumption& bounds = account_.home().limits().resumption;
    const Unacknowledged& left = management_->unacknowledged;
    // Before the next one is added: one may be larger than all that may be left, as somebody was allowed to send it.
    constexpr std::size_t modest = 64 * 1024;
    const bool large = left.bytes() > modest && account_.home().connected_hold_too_much();
    if (management_->overflown || (!large && left.size() < bounds.stanzas && left.bytes() <= bounds.bytes)) return;
    management_->overflown = true;
    end_soon("Too much is not acknowledged.");
}

/// Not from within a call that goes through all sessions of the account.
void Session::end_soon(std::string_view why) {
    Home& home = account_.home();
    home.shard().post([&home, bare = account_.jid(), id = id_, why] {
        Account* const account = home.find(bare);
        if (Session* const session = account != nullptr ? account->find(id) : nullptr)
            session->end(stream::StreamCondition::resource_constraint, why);
    });
}

// ---- What we have handled ----

/// 'h' is told when everything that the client has sent before it asked is done with, also what is on its way to the
/// disk: an acknowledgement is a promise.
void Session::answer_ack_request() {
    if (!stream_ || handled_.finished() < management_->ack_due) return;
    management_->ack_due = management_->ack_last > handled_.finished() ? management_->ack_last : 0;
    std::string xml = "<a xmlns='";
    xml.append(sm_ns).append("' h='").append(std::to_string(management_->h(handled_)));
    stream_->send(xml.append("'/>"));
}

// ---- Streams come and go ----

void Session::attach(std::unique_ptr<stream::ClientStream> stream) {
    stream_ = std::move(stream);
    stream_->attach(*this);
    account_.home().counters().sessions.add(1);
    if (management_) account_.home().count_connected(static_cast<std::ptrdiff_t>(management_->unacknowledged.bytes()));
}

void Session::part() {
    waiting_.reset();  // not handled; it would make the session seem alive
    if (!stream_) return;
    account_.home().counters().sessions.add(-1);
    if (management_) account_.home().count_connected(-static_cast<std::ptrdiff_t>(management_->unacknowledged.bytes()));
    account_.home().see_off(std::move(stream_));
}

void Session::stream_ended(stream::Ending ending, std::string_view why) {
    Home& home = account_.home();
    part();
    patience_.reset();
    if (may_wait(ending)) {
        home.log().info("session waits", kv("jid", jid_), kv("why", why),
                        kv("unacknowledged", management_->unacknowledged.size()));
        release_output();
        return wait_again(management_->patience);
    }
    home.log().info("session ended", kv("jid", jid_), kv("why", why));
    account_.leave(*this);
}

void Session::wait_again(std::chrono::milliseconds patience) {
    patience_ = std::make_unique<net::Timer>(account_.home().shard(), [this] { account_.give_up(*this); });
    patience_->start(patience);
    management_->away_since = account_.home().shard().now();
    account_.home().went_away(*this);
}

bool Session::may_wait(stream::Ending ending) const {
    using enum stream::Ending;
    return management_ && management_->resumable() && !management_->overflown && (ending == lost || ending == shutdown);
}

void Session::when_done(Done then) {
    if (stream_) {
        stream_->detach();
        stream_->end(stream::StreamCondition::conflict, "Replaced by a new connection.");
        part();
        release_output();
    }
    if (const auto earlier = std::exchange(when_done_, nullptr)) (*earlier)(false);
    // It does not wait, and takes no other's room.
    if (handled_.finished() == handled_.begun()) return then(true);
    when_done_ = std::make_unique<Done>(std::move(then));
    if (!away_) wait_again(management_->patience);
}

void Session::resume(std::unique_ptr<stream::ClientStream> stream, std::uint32_t h) {
    Home& home = account_.home();
    patience_.reset();
    home.came_back(*this);
    attach(std::move(stream));
    (void)settle_acknowledged(h);
    std::string xml = "<resumed xmlns='";
    xml.append(sm_ns).append("' previd='").append(management_->id).append("' h='");
    xml.append(std::to_string(management_->h(handled_))).append("'/>");
    stream_->resume_on(jid_, xml);
    management_->unacknowledged.for_each([this](const Unacknowledged::Stanza& left) { stream_->send(*left.wire); });
    management_->ack_due = 0;
    management_->asked = false;
    ask_for_ack();
    home.log().info("session resumed", kv("jid", jid_), kv("peer", stream_->transport().peer_address()),
                    kv("sent_again", management_->unacknowledged.size()));
    if (gate_ != nullptr) gate_->resumed(*this);
    stream_->unpause();
}

}  // namespace aldis::session
