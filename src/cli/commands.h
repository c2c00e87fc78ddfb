#pragma once

#include <optional>

#include "cli/arguments.h"
#include "cli/cli.h"

namespace aldis::cli {

inline constexpr Option config_option{"--config", "FILE",
                                      "The configuration; else $ALDIS_CONFIG, ./aldis.toml, /etc/aldis/aldis.toml."};
inline constexpr Option json_option{"--json", "", "Prints JSON."};

/// Where this invocation's configuration comes from.
[[nodiscard]] config::Source source_of(const Invocation& invocation, const Program& program);
/// The configuration, or nothing after its errors have been printed.
[[nodiscard]] std::optional<config::Loaded> load_or_complain(const Invocation& invocation, const Program& program);

int serve(const Invocation&, const Program&);
int config_check(const Invocation&, const Program&);
int config_show(const Invocation&, const Program&);
int config_reference(const Invocation&, const Program&);
int cert_make_dev(const Invocation&, const Program&);
int print_version(const Invocation&, const Program&);
int user_add(const Invocation&, const Program&);
int user_passwd(const Invocation&, const Program&);
int user_list(const Invocation&, const Program&);
int user_delete(const Invocation&, const Program&);
int user_disable(const Invocation&, const Program&);
int user_enable(const Invocation&, const Program&);
int user_sessions(const Invocation&, const Program&);
int user_kick(const Invocation&, const Program&);
int report_list(const Invocation&, const Program&);
int report_show(const Invocation&, const Program&);
int report_resolve(const Invocation&, const Program&);

}  // namespace aldis::cli
