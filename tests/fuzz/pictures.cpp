// Reads whatever comes as the header of a picture; what is cut off says nothing, or the same.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/base64.h"
#include "modules/picture_rules.h"

namespace {

void require(bool truth) {
    if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aldis;
    namespace pictures = modules::pictures;
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const std::optional<pictures::Header> header = pictures::read_header(bytes);
    require(!header || (header->width > 0 && header->height > 0));
    const std::optional<pictures::Header> half = pictures::read_header(bytes.substr(0, size / 2));
    require(!half || half == header);
    const Result<pictures::Picture> picture =
        pictures::read_picture(base64_encode(bytes), {.bytes = 4096, .side = 1000});
    const bool good = header && size <= 4096 && header->width <= 1000 && header->height <= 1000;
    require(picture.has_value() == good && (!picture || picture->bytes == bytes));
    return 0;
}
