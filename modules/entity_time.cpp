#include "mod/module.h"
#include "xep/xep0202_entity_time.h"

namespace aldis::modules {
namespace {

/// XEP-0202: Entity Time, of the server; it lives in UTC.
class EntityTime final : public mod::Module {
public:
    explicit EntityTime(mod::Context& context) : clock_{context.clock()} {
        context.on_iq(IqType::get, mod::For::server, *this, &EntityTime::answer);
    }

private:
    Result<xep::EntityTime> answer(const mod::Request&, xep::EntityTime) {
        return xep::EntityTime{.tzo = "+00:00", .utc = clock_.now()};
    }
    const Clock& clock_;
};

constexpr mod::Spec specs[] = {{"XEP-0202", "2.0"}, {"XEP-0082", "1.1.1"}};

}  // namespace

extern const mod::Info entity_time_info;
const mod::Info entity_time_info{.name = "entity_time",
                                 .summary = "Tells the time.",
                                 .implements = specs,
                                 .for_services = true,
                                 .make = mod::make<EntityTime>};

}  // namespace aldis::modules
