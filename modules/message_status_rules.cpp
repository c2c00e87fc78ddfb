#include "modules/message_status_rules.h"

#include <utility>

#include "xep/xep0082_date_time.h"
#include "xep/xep0184_receipts.h"
#include "xep/xep0333_markers.h"
#include "xep/xep0334_hints.h"

namespace aldis::modules::message_status {
namespace {

namespace dataforms = xep::dataforms;
namespace hints = xep::hints;
namespace markers = xep::markers;
using dataforms::FieldType;
using Kind = db::StatusEvent::Kind;

bool is_conversation(MessageType type) { return type == MessageType::chat || type == MessageType::normal; }

/// XEP-0380: what is encrypted need not have a body.
bool is_encrypted(const Message& message) {
    return message.element().child({"urn:xmpp:eme:0", "encryption"}) != nullptr;
}

dataforms::Field labelled(std::string_view var, std::string_view label) {
    return {.var = std::string{var}, .type = FieldType::text_single, .label = std::string{label}};
}

dataforms::Field filled(std::string_view var, std::string value) {
    return {.var = std::string{var}, .values = {std::move(value)}};
}

dataforms::Item row_of(const db::MessageState& state) {
    dataforms::Item row{.fields = {filled("id", state.id)}};
    const auto add = [&](std::string_view var, const std::optional<Timestamp>& at) {
        row.fields.push_back(filled(var, at ? xep::format_date_time(*at) : std::string{}));
    };
    add("sent", state.sent);
    add("delivered", state.delivered);
    add("displayed", state.displayed);
    return row;
}

std::optional<News> told_by(const Message& message) {
    // What says more comes first.
    if (auto displayed = message.get<markers::Displayed>()) return News{Kind::displayed, std::move(displayed->id)};
    if (auto handled = message.get<markers::Acknowledged>()) return News{Kind::displayed, std::move(handled->id)};
    if (auto received = message.get<markers::Received>()) return News{Kind::delivered_to, std::move(received->id)};
    if (auto receipt = message.get<xep::receipts::Received>()) return News{Kind::delivered, std::move(receipt->id)};
    return std::nullopt;
}

}  // namespace

bool is_of_interest(const Message& message) {
    if (!is_conversation(message.type())) return false;
    if (message.has<hints::NoStore>() || message.has<hints::NoPermanentStore>()) return false;
    const std::string_view id = message.id().value_or(std::string_view{});
    return !id.empty() && id.size() <= db::MessageStatus::longest_id && (message.body() || is_encrypted(message));
}

bool asks_for_news(const Message& message) {
    return message.has<xep::receipts::Request>() || message.has<markers::Markable>();
}

std::optional<News> news_in(const Message& message) {
    if (!is_conversation(message.type())) return std::nullopt;
    std::optional<News> news = told_by(message);
    // Nothing is known by such an id; it would only take room until it is looked up.
    if (news && news->id.size() > db::MessageStatus::longest_id) return std::nullopt;
    return news;
}

dataforms::Form blank() {
    Question usual;
    usual.max = Question::usual;
    dataforms::Form form = dataforms::filled(usual, dataforms::Kind::form);
    form.title = command_name;
    form.instructions = {"Name a contact, and a message by its id; or else the last messages are told."};
    return form;
}

dataforms::Form table(std::span<const db::MessageState> states) {
    dataforms::Form form{.kind = dataforms::Kind::result,
                         .title = std::string{command_name},
                         .reported = dataforms::Reported{.fields = {labelled("id", "Id"), labelled("sent", "Sent"),
                                                                    labelled("delivered", "Delivered"),
                                                                    labelled("displayed", "Displayed")}}};
    for (const db::MessageState& state : states) form.items.push_back(row_of(state));
    return form;
}

}  // namespace aldis::modules::message_status
