#include "xep/xep0082_date_time.h"

#include <array>

namespace aldis::xep {
namespace {

using namespace std::chrono;

/// Takes what it is asked for from the front of a text; once something was not there, nothing is any more.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_{text} {}

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
        return value;
    }
    int digits_up_to(std::size_t count, int largest) {
        const int value = digits(count);
        if (value > largest) good_ = false;
        return value;
    }
    void expect(char c) {
        if (!take(c)) good_ = false;
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

private:
    int digit() {
        if (!at_digit()) {
            good_ = false;
            return 0;
        }
        const int value = rest_[0] - '0';
        rest_.remove_prefix(1);
        return value;
    }

    std::string_view rest_;
    bool good_ = true;
};

microseconds fraction(Scanner& scanner) {
    if (!scanner.take('.')) return {};
    int value = scanner.digits(1) * 100'000;
    for (int unit = 10'000; scanner.at_digit(); unit /= 10) value += scanner.digits(1) * unit;
    return microseconds{value};
}

minutes offset(Scanner& scanner) {
    if (scanner.take('Z')) return {};
    const bool behind = scanner.take('-');
    if (!behind) scanner.expect('+');
    const hours whole{scanner.digits_up_to(2, 14)};
    scanner.expect(':');
    const minutes size = whole + minutes{scanner.digits_up_to(2, 59)};
    return behind ? -size : size;
}

seconds time_of_day(Scanner& scanner) {
    const hours h{scanner.digits_up_to(2, 23)};
    scanner.expect(':');
    const minutes m{scanner.digits_up_to(2, 59)};
    scanner.expect(':');
    return h + m + seconds{scanner.digits_up_to(2, 59)};
}

year_month_day date(Scanner& scanner) {
    const year y{scanner.digits(4)};
    scanner.expect('-');
    const month m{static_cast<unsigned>(scanner.digits(2))};
    scanner.expect('-');
    return {y, m, day{static_cast<unsigned>(scanner.digits(2))}};
}

void append(std::string& out, long long value, std::size_t digits) {
    std::array<char, 20> text{};
    for (std::size_t i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
    out.append(text.data(), digits);
}

}  // namespace

std::optional<Timestamp> parse_date_time(std::string_view text) {
    Scanner scanner{text};
    const year_month_day day = date(scanner);
    scanner.expect('T');
    const seconds time = time_of_day(scanner);
    const microseconds part = fraction(scanner);
    const minutes ahead = offset(scanner);
    if (!scanner.done() || !day.ok()) return std::nullopt;
    const Timestamp result = sys_days{day} + time + part - ahead;
    const int year_in_utc{year_month_day{floor<days>(result)}.year()};
    if (year_in_utc < 1 || year_in_utc > 9999) return std::nullopt;
    return result;
}

std::string format_date_time(Timestamp time) {
    const sys_days midnight = floor<days>(time);
    const year_month_day day{midnight};
    const hh_mm_ss<microseconds> clock{time - midnight};
    const long long micros = clock.subseconds().count();

    std::string out;
    append(out, int{day.year()}, 4);
    append(out += '-', unsigned{day.month()}, 2);
    append(out += '-', unsigned{day.day()}, 2);
    append(out += 'T', clock.hours().count(), 2);
    append(out += ':', clock.minutes().count(), 2);
    append(out += ':', clock.seconds().count(), 2);
    if (micros % 1000 != 0) {
        append(out += '.', micros, 6);
    } else if (micros != 0) {
        append(out += '.', micros / 1000, 3);
    }
    return out += 'Z';
}

}  // namespace aldis::xep
