#include "config/config.h"

namespace aldis::config {

bool Listener::on_loopback() const {
    return std::ranges::all_of(address, [](const std::string& one) { return one == "::1" || one.starts_with("127."); });
}

bool Modules::enabled(std::string_view name) const { return std::ranges::find(disabled, name) == disabled.end(); }

void Modules::add(const ModuleSchema& module) {
    if (module.schema != nullptr) slots_[std::string{module.name}] = {module.schema, module.schema->make()};
}

std::shared_ptr<const void> Modules::settings(std::string_view name) const {
    const auto found = slots_.find(name);
    return found == slots_.end() ? nullptr : found->second.object;
}

void* Modules::slot(std::string_view name) const {
    const auto found = slots_.find(name);
    return found == slots_.end() ? nullptr : found->second.object.get();
}

const void* Modules::find(std::string_view name, const Schema& schema) const {
    const auto found = slots_.find(name);
    if (found == slots_.end() || found->second.schema != &schema)
        throw std::logic_error{"module " + std::string{name} + " asks for settings that it did not describe"};
    return found->second.object.get();
}

const Domain* Config::domain(std::string_view name) const {
    const auto found = std::ranges::find(domains, name, &Domain::name);
    return found == domains.end() ? nullptr : &*found;
}

}  // namespace aldis::config
