#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/message_status.h"
#include "stanza/stanza.h"
#include "xep/xep0068_form_types.h"

/// What became of a message: what is remembered, what tells it, and how its sender asks. No side effects.
namespace aldis::modules::message_status {

/// Is it a message whose sender may want to know? A chat message with a body, or with an encrypted one, and an id that
/// receipts and markers can name. What is off the record (XEP-0334) leaves no trace here, either.
[[nodiscard]] bool is_of_interest(const Message& message);

/// Does it ask to be told what became of it: XEP-0184, XEP-0333? One that does not is remembered when something is
/// heard of it; what is stored without being read by anybody would cost every message its part of the disk's time.
[[nodiscard]] bool asks_for_news(const Message& message);

/// What a message tells about an earlier one in the other direction: XEP-0184, XEP-0333.
struct News {
    db::StatusEvent::Kind kind;
    std::string id;  ///< of the earlier one
};
[[nodiscard]] std::optional<News> news_in(const Message& message);

inline constexpr std::string_view command_node = "message-status";
inline constexpr std::string_view command_name = "What became of my messages";

/// What the command asks for.
struct Question {
    Jid with;                          ///< whom the messages were sent to
    std::optional<std::string> id;     ///< of one message
    std::optional<std::uint32_t> max;  ///< messages, the newest first

    static constexpr std::uint32_t usual = 20;
    static constexpr std::uint32_t largest = 200;
    static constexpr auto form =
        xep::dataforms::form("message-status",
                             xep::dataforms::field<&Question::with>("with", xep::dataforms::FieldType::jid_single)
                                 .labelled("Contact")
                                 .needed(),
                             xep::dataforms::field<&Question::id>("id", xep::dataforms::FieldType::text_single)
                                 .labelled("Id of one message"),
                             xep::dataforms::field<&Question::max>("max", xep::dataforms::FieldType::text_single)
                                 .labelled("Number of messages, the newest first")
                                 .between("xs:unsignedInt", "1", ""));
};

/// The question, to be filled in.
[[nodiscard]] xep::dataforms::Form blank();
/// The answer: a table.
[[nodiscard]] xep::dataforms::Form table(std::span<const db::MessageState> states);

}  // namespace aldis::modules::message_status
