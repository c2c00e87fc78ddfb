#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jid/jid.h"
#include "mod/handlers.h"
#include "session/domain_settings.h"
#include "session/slots.h"
#include "stream/reception.h"

namespace aldis::mod {
class Context;
class Module;
}  // namespace aldis::mod

namespace aldis::session {

/// One domain on one shard: what its modules have registered, and what streams must know of it.
class Host {
public:
    explicit Host(Jid jid);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host();

    [[nodiscard]] const Jid& jid() const { return jid_; }
    [[nodiscard]] mod::Handlers& handlers() { return handlers_; }
    [[nodiscard]] stream::Domain& domain() { return domain_; }
    /// A service of another domain: it has no accounts.
    [[nodiscard]] bool is_service() const { return service_; }
    void set_service() { service_ = true; }
    /// The services of this domain.
    [[nodiscard]] const std::vector<Host*>& services() const { return services_; }
    void add_service(Host& service) {
        service.settings_ = settings_;
        services_.push_back(&service);
    }
    /// Those of the domain that it is a service of, if it is one. They change when the configuration is read again.
    [[nodiscard]] const DomainSettings& settings() const { return *settings_; }
    void set_settings(const std::shared_ptr<const DomainSettings>& settings) {
        settings_ = settings;
        for (Host* const service : services_) service->set_settings(settings);
    }
    /// What modules of this domain and shard share.
    template <class T>
    [[nodiscard]] T& slot() {
        return slots_.get<T>();
    }
    void keep(std::unique_ptr<mod::Context> context, std::unique_ptr<mod::Module> module);

private:
    struct Loaded;
    Jid jid_;
    mod::Handlers handlers_;
    stream::Domain domain_;
    std::vector<Host*> services_;
    std::shared_ptr<const DomainSettings> settings_ = std::make_shared<const DomainSettings>();
    bool service_ = false;
    Slots slots_;
    std::vector<Loaded> modules_;  ///< last: they go before what they registered
};

}  // namespace aldis::session
