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
#include "xep/xep0050_commands.h"
#include "xep/xep0068_form_types.h"

/// What became of a message: what is remembered, what tells it, and how its sender asks. No side effects.
namespace aldis::modules::message_status {

/// Is it a message whose sender may want to know? A chat message with a body, or with an encrypted one, and an id that
/// receipts and markers can name.
[[nodiscard]] bool is_of_interest(const Message& message);

/// What a message tells about an earlier one in the other direction: XEP-0184, XEP-0333.
struct News {
    db::StatusEvent::Kind kind;
    std::string id;  ///< of the earlier one
};
[[nodiscard]] std::optional<News> news_in(const Message& message);

/// What has happened and is not on disk yet. A bounded number of events: its owner takes them out in time.
class Journal {
public:
    static constexpr std::size_t large = 1'000;

    /// Something that is known on the shard of the message's sender, where everything is in order.
    void add(db::StatusEvent event) { events_.push_back(std::move(event)); }
    /// Something that is known on the shard of its receiver: it waits for a round, so that "sent" is there before it.
    void add_distant(db::StatusEvent event) { distant_.push_back(std::move(event)); }
    [[nodiscard]] bool is_large() const { return events_.size() >= large || distant_.size() >= large; }

    /// What is to be written at the end of a round.
    [[nodiscard]] std::vector<db::StatusEvent> take();
    /// Everything.
    [[nodiscard]] std::vector<db::StatusEvent> take_all();

private:
    std::vector<db::StatusEvent> events_;
    std::vector<db::StatusEvent> distant_;
    std::vector<db::StatusEvent> waiting_;  ///< distant, of the last round
};

/// What the command asks for.
struct Question {
    Jid with;                          ///< whom the messages were sent to
    std::optional<std::string> id;     ///< of one message
    std::optional<std::uint32_t> max;  ///< messages, the newest first

    static constexpr std::uint32_t usual = 20;
    static constexpr std::uint32_t largest = 200;
    static constexpr auto form = xep::dataforms::form(
        "message-status", xep::dataforms::field<&Question::with>("with", xep::dataforms::FieldType::jid_single),
        xep::dataforms::field<&Question::id>("id", xep::dataforms::FieldType::text_single),
        xep::dataforms::field<&Question::max>("max", xep::dataforms::FieldType::text_single));
};

/// The first stage: the question as a form.
[[nodiscard]] xep::commands::Command blank(std::string session_id);
/// @return  bad-request: no such form; not-acceptable: a malformed value
[[nodiscard]] Result<Question> question_of(xep::dataforms::Form form);
/// The last stage: a table.
[[nodiscard]] xep::commands::Command answer(std::string session_id, std::span<const db::MessageState> states);

}  // namespace aldis::modules::message_status
