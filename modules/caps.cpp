#include "mod/module.h"
#include "modules/disco_info.h"
#include "xep/xep0115_caps.h"
#include "xml/writer.h"

namespace aldis::modules {
namespace {

/// XEP-0115: Entity Capabilities, of the server: what it can do, hashed, in its stream features ("Stream Feature").
class Caps final : public mod::Module {
public:
    explicit Caps(mod::Context& context) : context_{context} {
        context.feature(mod::For::server, xep::caps_ns);
        context.on_ready(*this, &Caps::announce);
    }

private:
    void announce() {
        const std::optional<std::string> ver =
            xep::verification_string(info_of(context_.handlers().disco_of(mod::For::server)));
        if (!ver) return;
        const xep::Caps caps{.hash = "sha-1", .node = "urn:aldis", .ver = *ver};
        context_.handlers().caps_node = caps.disco_node();
        context_.stream_feature(stream::authenticated, 0, xml::to_string(xml::build(caps).root()));
    }

    mod::Context& context_;
};

constexpr mod::Spec specs[] = {{"XEP-0115", "1.6.0"}};

}  // namespace

extern const mod::Info caps_info;
const mod::Info caps_info{.name = "caps",
                          .summary = "Tells what the server can do before anybody asks.",
                          .implements = specs,
                          .make = mod::make<Caps>};

}  // namespace aldis::modules
