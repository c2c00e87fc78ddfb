#include "traffic.h"

#include <array>
#include <bit>
#include <charconv>

namespace load {

Direction::Direction(Client& from, const Client& to, std::string_view body, unsigned window)
    : from_{&from},
      before_number_{"<message to='" + to.jid() + "' type='chat' id='m" + std::to_string(from.index()) + "."},
      after_number_{"'><body>" + std::string{body} + "</body></message>"},
      sent_at_(std::bit_ceil(std::size_t{window} * 4)) {}

void Direction::send_next(Nanoseconds now) {
    std::array<char, 20> digits;
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), next_).ptr;
    sent_at_[next_ & (sent_at_.size() - 1)] = now;
    ++next_;
    from_->send(before_number_);
    from_->send({digits.data(), end});
    from_->send(after_number_);
}

void Direction::arrived(std::uint64_t number, Nanoseconds now, Tally& tally) {
    if (number >= next_) {
        ++tally.strange;
        return;
    }
    if (number < expected_ && overtaken_.erase(number) == 0) {
        ++tally.duplicated;
        return;
    }
    if (number < expected_) ++tally.reordered;
    for (; expected_ < number; ++expected_) overtaken_.insert(expected_);
    if (number == expected_) ++expected_;
    ++tally.delivered;
    if (next_ - number <= sent_at_.size()) tally.latency.add(now - sent_at_[number & (sent_at_.size() - 1)]);
}

bool parse_message_id(std::string_view text, MessageId& id) {
    const char* const end = text.data() + text.size();
    if (!text.starts_with('m')) return false;
    const auto [dot, error] = std::from_chars(text.data() + 1, end, id.sender);
    if (error != std::errc{} || dot == end || *dot != '.') return false;
    const auto [last, second_error] = std::from_chars(dot + 1, end, id.number);
    return second_error == std::errc{} && last == end;
}

}  // namespace load
