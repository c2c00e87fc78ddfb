#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace aldis {

/// An XMPP address, `local@domain/resource`: RFC 7622. A Jid that is not empty() is valid and in canonical form, so
/// that two Jids mean the same entity if and only if their texts are the same bytes. It does not change; assign
/// another.
///
/// Local and domain are lower-cased; the domain has no final dot and its labels are U-labels (section 3.2). What
/// PRECIS refuses but the stringprep of older clients (RFC 6122) allowed is taken in its stringprep form; see
/// prepare_local() in jid/precis.h.
class Jid {
public:
    /// The empty Jid: no address yet. It equals only itself.
    Jid() = default;
    Jid(const Jid&) = default;
    Jid& operator=(const Jid&) = default;
    Jid(Jid&& other) noexcept { swap(other); }
    Jid& operator=(Jid&& other) noexcept;
    ~Jid() = default;

    /// @return  jid-malformed if `text` is no address
    [[nodiscard]] static Result<Jid> parse(std::string_view text);

    /// The same from parts, where empty means absent; a part may not contain a separator that it could not contain
    /// in a whole address.
    [[nodiscard]] static Result<Jid> from_parts(std::string_view local, std::string_view domain,
                                                std::string_view resource = {});

    /// The parts: empty where absent.
    [[nodiscard]] std::string_view local() const { return view().substr(0, local_end_); }
    [[nodiscard]] std::string_view domain() const {
        return view().substr(domain_start(), domain_end_ - domain_start());
    }
    [[nodiscard]] std::string_view resource() const {
        return is_bare() ? std::string_view{} : view().substr(domain_end_ + 1u);
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string_view bare_text() const { return view().substr(0, domain_end_); }

    [[nodiscard]] bool empty() const { return text_.empty(); }
    [[nodiscard]] bool is_bare() const { return domain_end_ == text_.size(); }
    [[nodiscard]] bool has_local() const { return local_end_ != 0; }

    /// Without the resource.
    [[nodiscard]] Jid bare() const { return Jid{std::string{bare_text()}, local_end_, domain_end_}; }

    /// With this resource in place of the present one, if any. The empty resource is refused, and so is any on an
    /// empty Jid.
    [[nodiscard]] Result<Jid> with_resource(std::string_view resource) const;

    [[nodiscard]] bool same_bare(const Jid& other) const { return bare_text() == other.bare_text(); }

    /// For hash tables: keyed with a secret of this process, so that peers cannot choose addresses that collide.
    [[nodiscard]] std::size_t hash() const;
    [[nodiscard]] std::size_t bare_hash() const;

    /// Chooses the home of an account or room: of the bare address, the same in every process and release.
    [[nodiscard]] std::uint64_t home_hash() const;

    friend bool operator==(const Jid& a, const Jid& b) { return a.text_ == b.text_; }

    /// By bare address, then resource: the resources of an account are neighbours in an ordered container.
    friend std::strong_ordering operator<=>(const Jid& a, const Jid& b);

private:
    struct Part;

    Jid(std::string text, std::size_t local_end, std::size_t domain_end)
        : text_{std::move(text)},
          local_end_{static_cast<std::uint16_t>(local_end)},
          domain_end_{static_cast<std::uint16_t>(domain_end)} {}

    static Jid join(std::string_view local, std::string_view domain, std::string_view resource);
    static Result<Jid> assemble(const Part& local, const Part& domain, const Part& resource);

    void swap(Jid& other) noexcept;
    std::string_view view() const { return text_; }
    std::size_t domain_start() const { return local_end_ == 0 ? 0u : local_end_ + 1u; }

    std::string text_;
    std::uint16_t local_end_ = 0;  // 0: there is no localpart; every part has at most 1023 bytes
    std::uint16_t domain_end_ = 0;
};

/// Hash and equality of the bare address, for tables of accounts and rooms.
struct BareHash {
    std::size_t operator()(const Jid& jid) const { return jid.bare_hash(); }
};
struct SameBare {
    bool operator()(const Jid& a, const Jid& b) const { return a.same_bare(b); }
};

}  // namespace aldis

template <>
struct std::hash<aldis::Jid> {
    std::size_t operator()(const aldis::Jid& jid) const { return jid.hash(); }
};
