#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>

#include "mod/module.h"
#include "modules/mam/retraction.h"

namespace aldis::modules::mam {

/// Retractions of messages that are too far back for the writer, for whom everybody waits: they are looked for in the
/// background, one after the other. A server that stops meanwhile forgets those that wait.
class FarRetractions {
public:
    explicit FarRetractions(mod::Context& context);

    /// @param buried  tells, when the retraction is on disk, whether the writer has found its message
    void add(const session::Transit& transit, Retraction retraction, std::shared_ptr<std::atomic<bool>> buried);

private:
    struct Wanted {
        std::string asker;  ///< bare
        db::ArchiveSearch search;
        Retraction retraction;
        std::shared_ptr<std::atomic<bool>> buried;
    };
    void begin();
    Task<void> look_for_all();
    Task<void> look_for(Wanted wanted);

    mod::Context& context_;
    std::deque<Wanted> waiting_;  ///< no more than `most`, and of one asker no more than `most_of_one`
    bool looking_ = false;
};

}  // namespace aldis::modules::mam
