#include "traffic.h"

#include <array>
#include <bit>
#include <charconv>
#include <random>

namespace load {
namespace {

/// What tells this run from all others.
const std::string& run() {
    static const std::string text = std::to_string(std::random_device{}());
    return text;
}

}  // namespace

Direction::Direction(Client& from, const Client& to, std::string_view body, unsigned window)
    : from_{&from},
      after_number_{"." + run() + "'><body>" + std::string{body} + "</body></message>"},
      sent_at_(std::bit_ceil(std::size_t{window} * 4)) {
    address(to);
}

void Direction::address(const Client& to) {
    before_number_ = "<message to='" + to.jid() + "' type='chat' id='m" + std::to_string(from_->index()) + ".";
}

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

std::string message_id(unsigned sender, std::uint64_t number) {
    return "m" + std::to_string(sender) + "." + std::to_string(number) + "." + run();
}

bool parse_message_id(std::string_view text, MessageId& id) {
    const char* const end = text.data() + text.size();
    if (!text.starts_with('m')) return false;
    const auto [dot, error] = std::from_chars(text.data() + 1, end, id.sender);
    if (error != std::errc{} || dot == end || *dot != '.') return false;
    const auto [last, second_error] = std::from_chars(dot + 1, end, id.number);
    if (second_error != std::errc{} || last == end || *last != '.') return false;
    id.of_this_run = std::string_view{last + 1, end} == run();
    return true;
}

}  // namespace load
