#include "mod/module.h"
#include "xep/xep0478_stream_limits.h"
#include "xml/writer.h"

namespace aldis::modules {
namespace {

/// XEP-0478: Stream Limits Advertisement: the largest stanza, before and after logging in.
class StreamLimits final : public mod::Module {
public:
    explicit StreamLimits(mod::Context& context) {
        const stream::StreamLimits& limits = context.home().stream_limits();
        context.stream_feature(0, stream::authenticated, written(limits.before_auth.stanza_bytes));
        context.stream_feature(stream::authenticated, 0, written(limits.after_auth.stanza_bytes));
    }

private:
    static std::string written(std::size_t bytes) {
        const xep::StreamLimits limits{.max_bytes = static_cast<std::uint32_t>(bytes)};
        return xml::to_string(xml::build(limits).root());
    }
};

constexpr mod::Spec specs[] = {{"XEP-0478", "0.2.0"}};

}  // namespace

extern const mod::Info stream_limits_info;
const mod::Info stream_limits_info{.name = "stream_limits",
                                   .summary = "Tells clients how large a stanza may be.",
                                   .implements = specs,
                                   .make = mod::make<StreamLimits>};

}  // namespace aldis::modules
