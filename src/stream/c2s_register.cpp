// Registration on a stream that has not logged in: XEP-0077 "Registration with a Server".
#include "stream/c2s.h"

namespace aldis::stream {
namespace {

constexpr std::string_view feature_ns = "http://jabber.org/features/iq-register";
constexpr xml::Name query_name{"jabber:iq:register", "query"};
constexpr unsigned most_requests = 10;
constexpr std::chrono::minutes time_to_fill_in{5};  ///< the form: people are slower than clients

constexpr stanza::Error not_offered{Condition::service_unavailable, ErrorType::cancel, {}};
constexpr stanza::Error no_tls{Condition::policy_violation, ErrorType::modify, "Encrypt the connection first."};
constexpr stanza::Error not_from_there{Condition::forbidden, ErrorType::auth, "Not from this address."};
constexpr stanza::Error one_is_enough{Condition::not_acceptable, ErrorType::modify,
                                      "This stream has registered an account: log in to it."};
constexpr stanza::Error too_many_failures{Condition::resource_constraint, ErrorType::wait,
                                          "Too many failures from this address; try again later."};

}  // namespace

bool ClientStream::is_registration(const xml::Element& element) {
    const std::string_view type = element.attribute_or("type", "");
    return element.is({xml::client_ns, "iq"}) && (type == "get" || type == "set") &&
           element.child(query_name) != nullptr;
}

/// "SHOULD NOT be used unless the channel ... has been secured".
bool ClientStream::may_show_password() const {
    return has(secured) || (tls_mode_ != TlsMode::required && domain_->plain_without_tls);
}

void ClientStream::offer_registration(std::string& out) {
    if (may_show_password() && domain_->may_register && domain_->may_register(transport().peer_address()))
        out.append("<register xmlns='").append(feature_ns).append("'/>");
}

std::optional<stanza::Error> ClientStream::refuse_registration(bool set) const {
    if (!domain_->may_register) return not_offered;
    if (!may_show_password()) return no_tls;
    if (!domain_->may_register(transport().peer_address())) return not_from_there;
    if (registration_.made && set) return one_is_enough;
    if (!reception_->may_try(transport().peer_address())) return too_many_failures;
    return std::nullopt;
}

void ClientStream::ask_to_register(const xml::Element& element) {
    xml::Document copy = xml::Document::copy_of(element);
    std::expected<AnyStanza, stanza::StanzaFault> stanza = stanza::read(copy);
    Iq* const request = stanza ? std::get_if<Iq>(&*stanza) : nullptr;
    const bool for_us = request != nullptr && (request->to().empty() || request->to().text() == domain_->name);
    if (!for_us || request->id().value_or("").empty() || request->payload()->name() != query_name)
        throw StreamError{StreamCondition::not_authorized, "Log in first."};
    if (++registration_.requests > most_requests)
        throw StreamError{StreamCondition::policy_violation, "Too many requests."};
    request->set_from({});  // who has not logged in has no address
    const bool set = request->type() == IqType::set;
    if (const std::optional<stanza::Error> error = refuse_registration(set)) {
        send(*stanza::base_of(*stanza::error_reply(*request, *error)).wire());
        return;
    }
    if (registration_.requests == 1)
        deadline_->start(std::max<std::chrono::milliseconds>(time_to_fill_in, place().limits->time_to_authenticate));
    hold();
    reception_->register_account(*this, *domain_, std::move(*request));
}

void ClientStream::answer_registration(const Iq& reply, bool made) {
    if (made) {
        registration_.made = true;
        deadline_->start(place().limits->time_to_authenticate);
    }
    send(*reply.wire());
    go_on();
}

}  // namespace aldis::stream
