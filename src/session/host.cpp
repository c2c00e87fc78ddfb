#include "session/host.h"

#include "mod/module.h"

namespace aldis::session {

struct Host::Loaded {
    std::unique_ptr<mod::Context> context;
    std::unique_ptr<mod::Module> module;
};

Host::Host(Jid jid) : jid_{std::move(jid)} { domain_.name = jid_.domain(); }
Host::~Host() = default;

void Host::keep(std::unique_ptr<mod::Context> context, std::unique_ptr<mod::Module> module) {
    modules_.push_back({std::move(context), std::move(module)});
}

}  // namespace aldis::session
