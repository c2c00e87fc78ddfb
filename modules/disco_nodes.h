#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "mod/handlers.h"
#include "mod/phase.h"
#include "xep/xep0030_disco.h"

/// What an address tells of beside itself (XEP-0030): nodes, and items that are not its own resources.
namespace aldis::modules::discovery {

/// A module that knows of some; its functions may be null. `target` is as for Context::on_iq, where For::own_account
/// and For::account differ in who asks: Request::iq->from().
struct Source {
    using Info = Result<std::optional<xep::disco::Info>>;
    using Items = Result<std::optional<xep::disco::Items>>;

    /// disco#info of a node; the query has one. @return  nothing: it knows of no such node
    std::function<Task<Info>(mod::Request, xep::disco::Info query)> info = nullptr;
    /// disco#items of a node, or of the address itself, of which all sources tell.
    /// @return  nothing: it knows of no such node
    std::function<Task<Items>(mod::Request, xep::disco::Items query)> items = nullptr;
};

/// host.slot<discovery::Sources>(): modules add theirs in their constructors.
class Sources {
public:
    void add(mod::For target, Source source) { all_.push_back({target, std::move(source)}); }
    struct Entry {
        mod::For target;
        Source source;
    };
    [[nodiscard]] const std::vector<Entry>& all() const { return all_; }

private:
    std::vector<Entry> all_;
};

}  // namespace aldis::modules::discovery
