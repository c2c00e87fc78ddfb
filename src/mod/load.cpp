#include "mod/load.h"

namespace aldis::mod {

void load(session::Home& home, session::Host& host, std::span<const Info* const> modules, const SettingsOf& settings) {
    for (const Info* const info : modules) {
        if (host.is_service() && !info->for_services) continue;
        if (host.domain().anonymous && !info->for_guests) continue;
        auto context = std::make_unique<Context>(*info, home, host, settings(*info));
        std::unique_ptr<Module> module = info->make(*context);
        host.keep(std::move(context), std::move(module));
    }
    for (session::Host* const service : host.services()) load(home, *service, modules, settings);
    for (const auto& ready : host.handlers().ready) ready();
}

}  // namespace aldis::mod
