#pragma once

#include <functional>
#include <vector>

#include "db/unit.h"
#include "jid/jid.h"
#include "xml/element.h"

namespace aldis::session {
class Account;
}

namespace aldis::modules {

/// What other modules do when somebody is blocked: `host.slot<Blocking>()`. Modules register when they are made.
struct Blocking {
    /// `item` is what the client sent, with all that is in it; what is added to the unit is stored with the block.
    using OnBlock =
        std::function<void(session::Account& account, const Jid& blocked, const xml::Element& item, db::Unit& unit)>;
    std::vector<OnBlock> on_block;
};

}  // namespace aldis::modules
