#include "stream/c2s.h"

#include <algorithm>

#include "stream/c2s_exchange.h"
#include "xml/writer.h"

namespace aldis::stream {
namespace {

constexpr std::string_view tls_ns = "urn:ietf:params:xml:ns:xmpp-tls";
constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";
constexpr std::string_view sasl2_ns = "urn:xmpp:sasl:2";
constexpr std::string_view bind_ns = "urn:ietf:params:xml:ns:xmpp-bind";
constexpr std::string_view sm_ns = "urn:xmpp:sm:3";
constexpr xml::Name bind_name{bind_ns, "bind"};
constexpr xml::Name lang_name{xml::xml_ns, "lang"};

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
    out.append(1, ' ').append(name).append("='");
    xml::escape_attribute(out, value);
    out += '\'';
}

/// RFC 5646 section 2.1, roughly: letters, digits and hyphens, not many.
bool is_language_tag(std::string_view text) {
    constexpr std::size_t longest = 35;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// RFC 6120 section 4.7.5: we speak 1.0, and whatever 1.x is newer.
bool speaks_our_version(std::string_view version) {
    const std::size_t dot = version.find('.');
    if (dot == std::string_view::npos) return false;
    const auto major = xml::Codec<std::uint32_t>::parse(version.substr(0, dot));
    const auto minor = xml::Codec<std::uint32_t>::parse(version.substr(dot + 1));
    return major && minor && *major >= 1;
}

bool is_bind_request(const xml::Element& element) {
    return element.is({xml::client_ns, "iq"}) && element.attribute_or("type", "") == "set" &&
           element.child(bind_name) != nullptr;
}

std::atomic<std::uint64_t> last_serial{0};

}  // namespace

std::span<const Feature> Feature::all() {
    using Element = const xml::Element&;
    static constexpr std::array features{
        Feature{.name = "starttls",
                .needs = 0,
                .forbids = secured | authenticated,
                .offer =
                    [](ClientStream& stream, std::string& out) {
                        if (stream.tls_mode_ == TlsMode::none || !stream.domain_->tls) return;
                        out.append("<starttls xmlns='").append(tls_ns).append("'>");
                        out += stream.tls_mode_ == TlsMode::required ? "<required/></starttls>" : "</starttls>";
                    },
                .asked = [](Element element) { return element.ns() == tls_ns; },
                .accept = [](ClientStream& stream, Element element) { stream.start_tls(element); }},
        Feature{.name = "sasl",
                .needs = 0,
                .forbids = authenticated,
                .offer = [](ClientStream& stream, std::string& out) { stream.offer_mechanisms(out); },
                .asked = [](Element element) { return element.ns() == sasl_ns; },
                .accept = [](ClientStream& stream, Element element) { stream.authenticate(element); }},
        Feature{.name = "sasl2",
                .needs = 0,  // to be refused as XEP-0388 has it
                .forbids = authenticated,
                .offer = [](ClientStream& stream, std::string& out) { stream.offer_authentication(out); },
                .asked = [](Element element) { return element.ns() == sasl2_ns; },
                .accept = [](ClientStream& stream, Element element) { stream.negotiate_login(element); }},
        Feature{.name = "channel bindings",
                .needs = 0,
                .forbids = authenticated,
                .offer = [](ClientStream& stream, std::string& out) { stream.offer_bindings(out); },
                .asked = [](Element) { return false; },
                .accept = [](ClientStream&, Element) {}},
        Feature{.name = "register",
                .needs = 0,
                .forbids = authenticated,
                .offer = [](ClientStream& stream, std::string& out) { stream.offer_registration(out); },
                .asked = &ClientStream::is_registration,
                .accept = [](ClientStream& stream, Element element) { stream.ask_to_register(element); }},
        Feature{
            .name = "bind",
            .needs = authenticated,
            .forbids = bound,
            .offer = [](ClientStream&, std::string& out) { out.append("<bind xmlns='").append(bind_ns).append("'/>"); },
            .asked = is_bind_request,
            .accept = [](ClientStream& stream, Element element) { stream.bind(element); }},
        Feature{.name = "sm",
                .needs = 0,    // to be refused as XEP-0198 has it
                .forbids = 0,  // a client that has bound in one go learns of it afterwards
                .offer =
                    [](ClientStream& stream, std::string& out) {
                        if (stream.has(authenticated) && !stream.managed_)
                            out.append("<sm xmlns='").append(sm_ns).append("'/>");
                    },
                .asked = [](Element element) { return element.ns() == sm_ns; },
                .accept = [](ClientStream& stream, Element element) { stream.manage(element); }},
    };
    return features;
}

ClientStream::ClientStream(Place& place, Reception& reception, std::unique_ptr<net::Transport> transport,
                           TlsMode tls_mode)
    : Stream{place, std::move(transport), xml::client_ns},
      reception_{&reception},
      deadline_{std::make_unique<net::Timer>(
          place.shard, [this] { end(StreamCondition::connection_timeout, "It took too long to log in."); })},
      introduction_{std::make_unique<Introduction>()},
      tls_mode_{tls_mode} {
    if (this->transport().tls() != nullptr) reached_ |= secured;
    deadline_->start(place.limits->time_to_authenticate);
}

ClientStream::~ClientStream() = default;

std::uint64_t ClientStream::next_serial() { return last_serial.fetch_add(1, std::memory_order_relaxed) + 1; }

std::uint64_t ClientStream::latest_serial() { return last_serial.load(std::memory_order_relaxed); }

std::string_view ClientStream::client() const { return introduction_ ? introduction_->client : std::string_view{}; }

std::string_view ClientStream::fingerprint() const {
    return introduction_ ? introduction_->fingerprint : std::string_view{};
}

void ClientStream::opened(const xml::StreamHeader& header) {
    const xml::Element& root = header.root.root();
    std::string attributes;
    const std::optional<std::string_view> to = root.attribute("to");
    const Result<Jid> domain = Jid::parse(to.value_or(""));
    const Domain* const found =
        domain && domain->is_bare() && !domain->has_local() ? reception_->find_domain(domain->domain()) : nullptr;
    if (found != nullptr) append_attribute(attributes, "from", found->name);
    const Result<Jid> from = Jid::parse(root.attribute_or("from", ""));
    if (from) append_attribute(attributes, "to", from->bare_text());
    append_attribute(attributes, "id", place().shard.random().token(16));
    attributes += " version='1.0' xml:lang='en'";
    send_header(attributes);

    if (!to) throw StreamError{StreamCondition::improper_addressing, "The stream header needs a 'to'."};
    if (found == nullptr) throw StreamError{StreamCondition::host_unknown, "This domain is not served here."};
    if (domain_ != nullptr && found != domain_)
        throw StreamError{StreamCondition::host_unknown, "A stream cannot change its domain."};
    if (!speaks_our_version(root.attribute_or("version", "")))
        throw StreamError{StreamCondition::unsupported_version, "Only XMPP 1.0 is spoken here."};
    // XEP-0388 "SASL mechanism negotiation"
    if (from && from->domain() != found->name) throw StreamError{StreamCondition::invalid_from};
    domain_ = found;
    introduction_->from = from ? from->bare() : Jid{};
    const std::string_view lang = root.attribute(lang_name).value_or("");
    lang_ = is_language_tag(lang) ? lang : std::string_view{};
    if (!has(secured)) transport().prefer_domain(found->name);
    send_features();
}

void ClientStream::send_features() {
    std::string xml = "<stream:features>";
    for (const Feature& feature : Feature::all())
        if (has(feature.needs) && (reached_ & feature.forbids) == 0) feature.offer(*this, xml);
    for (const Offered& offered : domain_->offered)
        if (has(offered.needs) && (reached_ & offered.forbids) == 0) xml += offered.xml;
    offer_config_version(xml);
    send(xml += "</stream:features>");
}

void ClientStream::received(xml::Document element) {
    if (has(bound)) {
        serve(std::move(element));
    } else {
        negotiate(element.root());
    }
}

void ClientStream::negotiate(const xml::Element& element) {
    // XEP-0388 "During Authentication": "Servers MUST disconnect Clients immediately if any other traffic is received."
    if (exchange_ && exchange_->request && element.ns() != sasl2_ns)
        throw StreamError{StreamCondition::policy_violation, "An authentication is under way."};
    for (const Feature& feature : Feature::all()) {
        if (!feature.asked(element)) continue;
        if (!has(feature.needs)) break;
        if ((reached_ & feature.forbids) != 0) break;
        feature.accept(*this, element);
        return;
    }
    if (element.ns() == tls_ns && !has(secured)) throw StreamError{StreamCondition::unsupported_feature};
    // RFC 6120 sections 4.9.3.12 and 7.1: stanzas come after authentication and binding.
    if (element.ns() == xml::client_ns)
        throw StreamError{StreamCondition::not_authorized,
                          has(authenticated) ? "Bind a resource first." : "Log in first."};
    if (element.ns() == sasl_ns || element.ns() == sasl2_ns || element.ns() == tls_ns)
        throw StreamError{StreamCondition::policy_violation, "This has been negotiated already."};
    throw StreamError{StreamCondition::unsupported_stanza_type};
}

void ClientStream::start_tls(const xml::Element& element) {
    if (tls_mode_ == TlsMode::none || !domain_->tls || element.local() != "starttls") {
        // RFC 6120 section 5.4.2.2
        send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        end();
        return;
    }
    send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    exchange_.reset();  // RFC 6120 section 5.4.3.3: what was said in the clear counts no more
    discard_input();
    transport().start_tls();
}

void ClientStream::on_tls() { reached_ |= secured; }

void ClientStream::bind(const xml::Element& element) {
    const xml::Element& request = *element.child(bind_name);
    const xml::Element* const resource = request.child({bind_ns, "resource"});
    bind_id_ = element.attribute_or("id", "");
    if (bind_id_.empty()) return refuse_bind({Condition::bad_request, ErrorType::modify, "A request has an id."});
    enter({.bind = true, .resource = resource == nullptr ? std::string{} : resource->text(), .bind2 = {}});
}

/// XEP-0198 before there is a session: the only thing that can be asked for is to go on with an earlier one.
void ClientStream::manage(const xml::Element& element) {
    const auto h = xml::Codec<std::uint32_t>::parse(element.attribute_or("h", ""));
    const std::string_view previd = element.attribute_or("previd", "");
    const bool well_formed = element.local() == "resume" && h && !previd.empty();
    if (has(authenticated) && well_formed)
        return enter({.resume = Entry::Resume{.previd = std::string{previd}, .h = *h}, .bind2 = {}});
    const Condition why =
        has(authenticated) && element.local() == "resume" ? Condition::bad_request : Condition::unexpected_request;
    std::string failed = "<failed xmlns='";
    failed.append(sm_ns).append("'><").append(stanza::name_of(why));
    send(failed.append(" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"));
}

void ClientStream::enter(Entry entry) {
    deadline_->stop();  // it is about to move, perhaps to another shard's wheel
    hold();
    entry.client = introduction_->client;
    entry.fingerprint = introduction_->fingerprint;
    entry.resource_fixed = !introduction_->resource.empty();
    if (entry.resource_fixed) entry.resource = introduction_->resource;
    reception_->enter(*this, account_, std::move(entry));
}

void ClientStream::wait_for_bind() { deadline_->start(place().limits->time_to_authenticate); }

void ClientStream::attach(StanzaSink& sink) {
    sink_ = &sink;
    reached_ |= bound;
    deadline_.reset();
    introduction_.reset();
}

void ClientStream::bind_to(const Jid& full, std::string_view bound) {
    if (exchange_) {
        std::string results = exchange_->request->failed;
        managed_ = bound.find("<enabled ") != std::string_view::npos;  // what is on is not offered
        return finish_login(full, results += bound, true);
    }
    std::string xml = "<iq type='result'";
    append_attribute(xml, "id", bind_id_);
    xml.append("><bind xmlns='").append(bind_ns).append("'><jid>");
    xml::escape_text(xml, full.text());
    send(xml += "</jid></bind></iq>");
    bind_id_ = {};
}

void ClientStream::resume_on(const Jid& full, std::string_view resumed) {
    // XEP-0198 "Inline Stream Resumption": "stream features MUST NOT be sent in this case".
    exchange_ ? finish_login(full, resumed, false) : send(resumed);
}

void ClientStream::refuse_resume(std::string_view failed) {
    if (exchange_ && exchange_->request->binds) {
        exchange_->request->failed = failed;  // XEP-0198 "Failed Resumption": to be told with what comes of binding
        return;
    }
    exchange_ ? finish_login(account_, failed, true) : send(failed);
    go_on();
}

void ClientStream::refuse_bind(const stanza::Error& error) {
    if (exchange_) {
        // Who the client is has been shown all the same; it hears why when it binds a resource by itself.
        finish_login(account_, exchange_->request->failed, true);
        return go_on();
    }
    Iq reply{{.type = IqType::error, .id = bind_id_}};
    stanza::add_error(reply.edit(), error);
    send(*reply.wire());
    go_on();
}

void ClientStream::serve(xml::Document element) {
    if (element.root().ns() != xml::client_ns) {
        if (sink_ != nullptr && !sink_->element(element.root()))
            throw StreamError{StreamCondition::unsupported_stanza_type};
        return;
    }
    std::expected<AnyStanza, stanza::StanzaFault> stanza = stanza::read(element);
    if (stanza) {
        // RFC 6120 section 8.1.5
        stanza::Stanza& base = stanza::base_of(*stanza);
        if (!lang_.empty() && !base.element().attribute(lang_name)) base.edit().set(lang_name, lang_);
        if (sink_ != nullptr) sink_->receive(std::move(*stanza));
        return;
    }
    if (std::holds_alternative<stanza::NotAStanza>(stanza.error()))
        throw StreamError{StreamCondition::unsupported_stanza_type};
    if (std::holds_alternative<stanza::BadFrom>(stanza.error())) throw StreamError{StreamCondition::invalid_from};
    if (sink_ != nullptr) sink_->refuse(element, std::get<stanza::Error>(stanza.error()));
}

void ClientStream::move(Place& place, Reception& reception) {
    move_to(place);
    set_limits(place.limits->after_auth);
    reception_ = &reception;
    domain_ = reception.find_domain(domain_->name);
    if (deadline_) deadline_->move_to(place.shard);
}

void ClientStream::ended(Ending ending, std::string_view why) {
    if (deadline_) deadline_->stop();  // it may be what calls us
    exchange_.reset();
    if (StanzaSink* const sink = std::exchange(sink_, nullptr)) sink->stream_ended(ending, why);
}

void ClientStream::released() { reception_->let_go(*this); }

}  // namespace aldis::stream
