#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/quarantine.h"
#include "session/contacts.h"
#include "stanza/stanza.h"
#include "xep/xep0068_form_types.h"

/// What becomes of what strangers send. No side effects.
namespace aldis::modules::quarantine {

enum class Fate : std::uint8_t {
    pass,  ///< an answer: it is no news from anybody
    drop,  ///< worth nothing later
    hold,
};
[[nodiscard]] Fate fate_of(const Message& message);

/// A number of things an hour.
class Rate {
public:
    /// @param most  0: no bound
    /// @return      false: there have been so many in this hour
    [[nodiscard]] bool take(Instant now, std::uint32_t most) {
        if (most == 0) return true;
        if (count_ == 0 || now - since_ >= std::chrono::hours{1}) *this = Rate{now};
        return count_ < most && ++count_ > 0;
    }
    [[nodiscard]] bool idle(Instant now) const { return now - since_ >= std::chrono::hours{1}; }
    Rate() = default;

private:
    explicit Rate(Instant since) : since_{since} {}
    Instant since_{};
    std::uint32_t count_ = 0;
};

/// To whom an account has written. A few bytes each, because every account in memory has its own.
class Acquaintances {
public:
    static constexpr std::size_t most = 500;

    [[nodiscard]] bool contains(const Jid& address) const;
    /// The oldest makes room.
    void add(const Jid& address);
    [[nodiscard]] std::size_t size() const { return hashes_.size(); }

private:
    std::vector<std::size_t> hashes_;  ///< of bare addresses, in the order in which they came
};

/// What waits for an account, in memory.
struct Limits {
    std::uint64_t of_sender = 10;  ///< messages
    std::uint64_t messages = 100;
    std::uint64_t bytes = 256 * std::uint64_t{1024};
};
[[nodiscard]] bool has_room(const std::vector<db::HeldSender>& senders, std::string_view sender, std::uint64_t bytes,
                            const Limits& limits);

/// What the owner of an account is asked.
enum class Wish : std::uint8_t { deliver, discard };
inline constexpr std::string_view node = "urn:aldis:quarantine";  ///< of the command, and its form
struct Choice {
    std::vector<Jid> senders = {};
    Wish wish = Wish::deliver;

    static constexpr std::array wishes = {xep::dataforms::Choice{"deliver", "Deliver it, and what they send later"},
                                          xep::dataforms::Choice{"discard", "Discard it, without telling them"}};
    static constexpr auto form =
        xep::dataforms::form(node,
                             xep::dataforms::field<&Choice::senders>("senders", xep::dataforms::FieldType::list_multi)
                                 .labelled("Strangers who have written to you")
                                 .needed(),
                             xep::dataforms::field<&Choice::wish>("wish", xep::dataforms::FieldType::list_single)
                                 .labelled("What is to be done")
                                 .needed()
                                 .choices(wishes));
};

/// "tybalt@localhost: 2 messages, asks for a subscription: Turn thee, Benvolio"
/// @param stanza  the first that waits
[[nodiscard]] std::string label_of(const db::HeldSender& sender, std::string_view stanza);

}  // namespace aldis::modules::quarantine

template <>
struct aldis::xml::EnumNames<aldis::modules::quarantine::Wish> {
    using enum modules::quarantine::Wish;
    static constexpr std::array values{std::pair{deliver, std::string_view{"deliver"}},
                                       std::pair{discard, std::string_view{"discard"}}};
};
