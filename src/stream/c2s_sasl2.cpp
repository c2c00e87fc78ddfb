// The one-round-trip login on a client's stream: XEP-0388 1.0.4, with XEP-0386, XEP-0198, XEP-0484, XEP-0480 and
// XEP-0509 inside.
#include <cstring>

#include "base/base64.h"
#include "stream/c2s_exchange.h"
#include "xep/xep0082_date_time.h"
#include "xep/xep0198_stream_management.h"
#include "xep/xep0386_bind2.h"
#include "xep/xep0388_sasl2.h"
#include "xep/xep0480_upgrade_tasks.h"
#include "xep/xep0484_fast.h"
#include "xml/writer.h"

namespace aldis::stream {
namespace {

namespace sasl2 = xep::sasl2;
namespace fast = xep::fast;
namespace upgrade = xep::upgrade;

constexpr std::string_view iap_ns = "urn:xmpp:iap:0";
constexpr xml::Name config_version_name{iap_ns, "config-version"};
constexpr xml::Name resume_name{xep::sm::ns, "resume"};
constexpr xml::Name bind_name{xep::bind2::ns, "bind"};

std::string open_tag(std::string_view name, std::string_view ns) {
    std::string xml = "<";
    return xml.append(name).append(" xmlns='").append(ns).append("'>");
}

/// XEP-0388 "SASL Data Encoding": "SHOULD NOT include any line wrapping or other whitespace", which its examples do.
std::optional<std::string> decode(std::string_view text) { return base64_decode(xml::trim(text)); }

template <xml::Described T>
std::string markup(const T& value) {
    xml::Document document{T::schema.name};
    xml::fill(document.root(), value);
    return xml::to_string(document.root());
}

void append_additional_data(std::string& xml, std::string_view bytes) {
    if (!bytes.empty()) xml.append("<additional-data>").append(base64_encode(bytes)).append("</additional-data>");
}

std::string as_text(std::uint64_t number) { return std::to_string(number); }

/// What <authenticate/> says about who connects; false if it is not well made.
bool read_user_agent(const xml::Element& authenticate, Arrival& arrival) {
    const xml::Element* const element = authenticate.child(sasl2::UserAgent::schema.name);
    if (element == nullptr) return true;
    Result<sasl2::UserAgent> agent = xml::parse<sasl2::UserAgent>(*element);
    if (!agent || (agent->id && !sasl2::is_uuid(*agent->id))) return false;
    arrival.client = std::move(agent->id).value_or("");
    arrival.software = std::move(agent->software).value_or("");
    arrival.device = std::move(agent->device).value_or("");
    return true;
}

/// The same for XEP-0484.
bool read_tokens(const xml::Element& authenticate, Arrival& arrival) {
    if (const xml::Element* const element = authenticate.child(fast::Fast::schema.name)) {
        const Result<fast::Fast> shown = xml::parse<fast::Fast>(*element);
        if (!shown) return false;
        arrival.shown = Arrival::Token{.secret = {}, .count = shown->count, .invalidate = shown->invalidate};
    }
    if (const auto wanted = xml::get<fast::RequestToken>(authenticate))
        arrival.token_for = sasl::mechanism_named(wanted->mechanism);
    return true;
}

/// What is to be done once the client is let in. The elements live no longer than the caller.
void read_requests(const xml::Element& authenticate, Entry& entry, std::string& failed) {
    if (const xml::Element* const element = authenticate.child(resume_name)) {
        if (Result<xep::sm::Resume> resume = xml::parse<xep::sm::Resume>(*element))
            entry.resume = Entry::Resume{.previd = std::move(resume->previd), .h = resume->h};
        else
            failed =
                "<failed xmlns='urn:xmpp:sm:3'>"
                "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
    }
    if (const xml::Element* const bind = authenticate.child(bind_name)) {
        entry.bind = true;
        entry.bind2 = xml::Document::copy_of(*bind);
    }
}

}  // namespace

// ---- What is offered ----

void ClientStream::offer_authentication(std::string& out) {
    if (!has(secured)) return;  // "SASL2 MUST only be used by Clients or offered by Servers after TLS negotiation"
    const sasl::Offer offer = sasl::offer(sasl_policy());
    if (offer.mechanisms.empty()) return;
    out += open_tag("authentication", sasl2::ns);
    for (const sasl::Mechanism mechanism : offer.mechanisms)
        out.append("<mechanism>").append(sasl::name(mechanism)).append("</mechanism>");
    offer_inline(out, offer.fast);
    if (!domain_->anonymous)
        for (const sasl::Hash hash : sasl::offered_upgrades(domain_->hashes))
            out.append(open_tag("upgrade", upgrade::ns)).append(sasl::upgrade_task(hash)).append("</upgrade>");
    out += "</authentication>";
}

void ClientStream::offer_inline(std::string& out, std::span<const sasl::Mechanism> with_token) const {
    out.append("<inline><bind xmlns='").append(xep::bind2::ns).append("'><inline><feature var='");
    out.append(xep::sm::ns).append("'/>");
    for (const std::string& var : domain_->inline_features) {
        out += "<feature var='";
        xml::escape_attribute(out, var);
        out += "'/>";
    }
    out.append("</inline></bind><sm xmlns='").append(xep::sm::ns).append("'/>");
    if (!with_token.empty()) {
        // What a client may put into a TLS 1.3 early data is not read here, so 'tls-0rtt' is not offered.
        out += open_tag("fast", fast::ns);
        for (const sasl::Mechanism mechanism : with_token)
            out.append("<mechanism>").append(sasl::name(mechanism)).append("</mechanism>");
        out += "</fast>";
    }
    out += "</inline>";
}

/// XEP-0509 "opaque": a hash of the features, of which this is the last.
void ClientStream::offer_config_version(std::string& features) {
    if (!has(secured) || has(authenticated)) return;
    const sasl::Digest hash = sasl::digest(sasl::Hash::sha256, features);
    std::memcpy(&introduction_->config_version, hash.view().data(), sizeof introduction_->config_version);
    features.append("<config-version xmlns='").append(iap_ns).append("' scheme='opaque' value='");
    features.append(as_text(introduction_->config_version)).append("'/>");
}

// ---- The exchange ----

void ClientStream::negotiate_login(const xml::Element& element) {
    profile_ = Profile::xep0388;
    if (!may_authenticate()) return fail_authentication(sasl::Failure::encryption_required, "no TLS yet");
    const std::string_view what = element.local();
    if (what == "authenticate") return begin_login(element);
    if (exchange_ && !exchange_->request)
        throw StreamError{StreamCondition::policy_violation, "An authentication is under way."};
    if (what == "abort") return fail_authentication(sasl::Failure::aborted, "aborted by the client");
    if (what == "next" || what == "task-data") return take_task(element);
    if (what != "response") throw StreamError{StreamCondition::unsupported_stanza_type};
    const std::optional<std::string> bytes = decode(element.text_view());
    if (!bytes) return fail_authentication(sasl::Failure::incorrect_encoding, "not base64");
    respond(*bytes);
}

void ClientStream::begin_login(const xml::Element& element) {
    // "During Authentication", and "Multiple Authentication": none after <continue/>, whatever came of it.
    if (exchange_ || introduction_->tasked)
        throw StreamError{StreamCondition::policy_violation, "This is not the time for another authentication."};
    if (const xml::Element* const expected = element.child(config_version_name))
        if (expected->attribute_or("value", "") != as_text(introduction_->config_version))
            return fail_authentication(sasl::Failure::aborted, "the features were others",
                                       "<config-version-mismatch xmlns='urn:xmpp:iap:0'/>"
                                       "<text>Configuration version mismatch</text>");
    Arrival arrival;
    auto request = std::make_unique<Request>();
    if (!read_user_agent(element, arrival) || !read_tokens(element, arrival))
        return fail_authentication(sasl::Failure::malformed_request, "not well made");
    read_requests(element, request->entry, request->failed);
    request->binds = request->entry.bind;
    request->upgrades = upgrade::tasks_of(element);

    std::optional<std::string> response;
    if (const xml::Element* const first = element.child({sasl2::ns, "initial-response"})) {
        response = decode(first->text_view());
        if (!response) return fail_authentication(sasl::Failure::incorrect_encoding, "not base64");
    }
    begin(std::move(arrival), element.attribute_or("mechanism", ""), response, std::move(request));
}

// ---- XEP-0480 ----

/// The mechanism has succeeded. One task at a time, as the client asked for them.
void ClientStream::begin_task() {
    Request& request = *exchange_->request;
    if (!std::exchange(request.looked_for_tasks, true) && exchange_->arrival.stored) {
        const sasl::Credentials& known =
            exchange_->arrival.renewed ? *exchange_->arrival.renewed : *exchange_->arrival.stored;
        request.due = sasl::due_upgrades(request.upgrades, exchange_->arrival.mechanism, known, domain_->hashes);
    }
    if (request.due.empty()) return arrive();
    introduction_->tasked = true;
    std::string xml = open_tag("continue", sasl2::ns);
    append_additional_data(xml, std::exchange(exchange_->additional_data, {}));
    xml.append("<tasks><task>").append(sasl::upgrade_task(request.due.front())).append("</task></tasks></continue>");
    send(xml);
}

void ClientStream::take_task(const xml::Element& element) {
    const bool due = exchange_ && !exchange_->server && !exchange_->request->due.empty();
    if (!due) return fail_authentication(sasl::Failure::malformed_request, "no task is due");
    Request& request = *exchange_->request;
    if (element.local() == "task-data") return finish_task(element);
    const sasl::Hash hash = request.due.front();
    if (request.upgrade || element.attribute_or("task", "") != sasl::upgrade_task(hash))
        return fail_authentication(sasl::Failure::malformed_request, "not the task that is due");
    request.upgrade.emplace(hash, domain_->iterations, place().shard.random());
    send(open_tag("task-data", sasl2::ns) +
         markup(upgrade::Salt{.iterations = request.upgrade->iterations(), .salt = request.upgrade->salt()}) +
         "</task-data>");
}

void ClientStream::finish_task(const xml::Element& data) {
    Request& request = *exchange_->request;
    const std::optional<upgrade::Hash> hash = xml::get<upgrade::Hash>(data);
    if (!request.upgrade || !hash)
        return fail_authentication(sasl::Failure::malformed_request, "not what the task needs");
    const sasl::Read<sasl::Keys> keys = request.upgrade->finish(hash->salted_password);
    if (!keys) return fail_authentication(keys.error().condition, keys.error().why);
    Arrival& arrival = exchange_->arrival;
    if (!arrival.renewed) arrival.renewed = arrival.stored;
    arrival.renewed->set(request.upgrade->hash(), *keys);
    request.upgrade.reset();
    request.due.erase(request.due.begin());
    begin_task();
}

// ---- The end ----

void ClientStream::admit_login(const Admission& admission) {
    Request& request = *exchange_->request;
    if (admission.token)
        request.token = markup(fast::Token{.expiry = admission.token->expiry, .token = admission.token->text});
    if (!request.entry.resume && !request.binds) return finish_login(account_, request.failed, true);
    exchange_->elsewhere = true;
    enter(std::move(request.entry));
}

/// "Success"
void ClientStream::finish_login(const Jid& identity, std::string_view results, bool with_features) {
    std::string xml = open_tag("success", sasl2::ns);
    append_additional_data(xml, exchange_->additional_data);
    xml += "<authorization-identifier>";
    xml::escape_text(xml, identity.text());
    xml.append("</authorization-identifier>").append(results).append(exchange_->request->token);
    send(xml += "</success>");
    exchange_.reset();
    if (with_features) send_features();
}

}  // namespace aldis::stream
