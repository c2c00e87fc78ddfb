#include "modules/retention_rules.h"

#include <algorithm>

namespace aldis::modules::retention {
namespace {

namespace dataforms = xep::dataforms;

std::string text_of(days period) { return std::to_string(period.count()) + (period == days{1} ? " day" : " days"); }

std::string kept_for(days period) { return period == days{0} ? std::string{"for ever"} : "for " + text_of(period); }

}  // namespace

days Limits::of(std::string_view domain) const {
    const auto own = domains.find(std::string{domain});
    return own == domains.end() ? all : own->second;
}

bool Limits::any() const {
    return all > days{0} || std::ranges::any_of(domains, [](const auto& domain) { return domain.second > days{0}; });
}

days shorter(days limit, std::optional<days> own) {
    if (!own || *own == days{0}) return limit;
    return limit == days{0} ? *own : std::min(limit, *own);
}

std::optional<Timestamp> cutoff_of(std::string_view jid, std::optional<days> own, const Limits& limits, Timestamp now) {
    const std::size_t at = jid.find('@');
    const days keep = shorter(limits.of(at == std::string_view::npos ? jid : jid.substr(at + 1)), own);
    if (keep == days{0}) return std::nullopt;
    return now - keep;
}

dataforms::Form form_of(const Choice& choice, days limit) {
    dataforms::Form form = dataforms::filled(choice, dataforms::Kind::form);
    form.title = "How long messages are kept";
    form.instructions = {"This server keeps messages " + kept_for(limit) +
                         ". Your own can go earlier: from the server, not from your devices."};
    for (dataforms::Field& field : form.fields) {
        if (field.var != "days") continue;
        field.label = "Days to keep messages; 0: as long as the server does";
        field.validate = dataforms::Validate{
            .datatype = "xs:integer", .range = dataforms::Range{.min = "0", .max = std::to_string(Choice::most)}};
    }
    return form;
}

std::string told(const Choice& choice, days limit) {
    const days keep = shorter(limit, days{choice.days});
    return "Messages are kept " + kept_for(keep) + (keep == days{0} ? "." : ". Older ones go within the hour.");
}

}  // namespace aldis::modules::retention
