#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jid/jid.h"
#include "jid/precis.h"

namespace {

void require(bool truth) {
    if (!truth) std::abort();
}

/// C0, DEL and, in UTF-8, C1.
bool has_control(std::string_view text) {
    unsigned char before = 0;
    for (const char c : text) {
        const unsigned char byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (before == 0xc2 && byte < 0xa0)) return true;
        before = byte;
    }
    return false;
}

void check(const aldis::Jid& jid) {
    require(!jid.empty() && !jid.domain().empty() && !has_control(jid.text()));
    require(jid.local().size() <= 1023 && jid.domain().size() <= 1023 && jid.resource().size() <= 1023);
    require(aldis::Jid::parse(jid.text()) == jid);
    require(aldis::Jid::from_parts(jid.local(), jid.domain(), jid.resource()) == jid);
    require(jid.bare().same_bare(jid) && jid.bare().home_hash() == jid.home_hash());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const aldis::Result<aldis::Jid> jid = aldis::Jid::parse(text)) check(*jid);
    for (const auto prepare :
         {&aldis::prepare_local, &aldis::prepare_password, &aldis::prepare_nickname, &aldis::nickname_for_comparison})
        if (const aldis::Result<std::string> once = prepare(text)) require(prepare(*once) == once);
    return 0;
}
