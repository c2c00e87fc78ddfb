#include "sasl/crypto.h"

// The context structures are the only road to a hash state that can be copied with a plain assignment. EVP contexts
// cost an allocation per copy, which makes PKCS5_PBKDF2_HMAC three to four times slower than what is below.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace aldis::sasl {
namespace {

struct Sha1 {
    using Context = SHA_CTX;
    using Word = std::uint32_t;
    static constexpr std::size_t size = 20;
    static constexpr std::size_t block = 64;
    static constexpr auto init = SHA1_Init;
    static constexpr auto update = SHA1_Update;
    static constexpr auto final = SHA1_Final;
    static constexpr auto transform = SHA1_Transform;
};

struct Sha256 {
    using Context = SHA256_CTX;
    using Word = std::uint32_t;
    static constexpr std::size_t size = 32;
    static constexpr std::size_t block = 64;
    static constexpr auto init = SHA256_Init;
    static constexpr auto update = SHA256_Update;
    static constexpr auto final = SHA256_Final;
    static constexpr auto transform = SHA256_Transform;
};

struct Sha512 {
    using Context = SHA512_CTX;
    using Word = std::uint64_t;
    static constexpr std::size_t size = 64;
    static constexpr std::size_t block = 128;
    static constexpr auto init = SHA512_Init;
    static constexpr auto update = SHA512_Update;
    static constexpr auto final = SHA512_Final;
    static constexpr auto transform = SHA512_Transform;
};

/// Calls `work` with the family that `hash` names.
template <class Work>
Digest with(Hash hash, Work work) {
    switch (hash) {
        case Hash::sha1: return work(Sha1{});
        case Hash::sha256: return work(Sha256{});
        case Hash::sha512: break;
    }
    return work(Sha512{});
}

template <class Sha>
Digest finish(typename Sha::Context& context) {
    Digest result{Sha::size};
    Sha::final(result.bytes().data(), &context);
    return result;
}

template <class Sha>
Digest hash_of(std::string_view bytes) {
    typename Sha::Context context;
    Sha::init(&context);
    Sha::update(&context, bytes.data(), bytes.size());
    return finish<Sha>(context);
}

/// HMAC (RFC 2104) with the key already absorbed: each message then costs no hashing of the key.
template <class Sha>
class Keyed {
public:
    using Context = typename Sha::Context;

    explicit Keyed(std::string_view key) {
        std::array<unsigned char, Sha::block> pad{};
        const Digest shortened = key.size() > Sha::block ? hash_of<Sha>(key) : Digest{};
        const std::string_view used = key.size() > Sha::block ? shortened.view() : key;
        std::ranges::copy(used, pad.begin());
        for (unsigned char& byte : pad) byte ^= 0x36;
        absorb(inner, pad);
        for (unsigned char& byte : pad) byte ^= 0x36 ^ 0x5c;
        absorb(outer, pad);
        OPENSSL_cleanse(pad.data(), pad.size());
    }
    Keyed(const Keyed&) = delete;
    Keyed& operator=(const Keyed&) = delete;
    ~Keyed() {
        OPENSSL_cleanse(&inner, sizeof inner);
        OPENSSL_cleanse(&outer, sizeof outer);
    }

    template <class... Parts>
    [[nodiscard]] Digest of(const Parts&... parts) const {
        Context context = inner;
        (Sha::update(&context, parts.data(), parts.size()), ...);
        const Digest middle = finish<Sha>(context);
        context = outer;
        Sha::update(&context, middle.view().data(), Sha::size);
        return finish<Sha>(context);
    }

    Context inner;
    Context outer;

private:
    static void absorb(Context& context, const std::array<unsigned char, Sha::block>& pad) {
        Sha::init(&context);
        Sha::update(&context, pad.data(), pad.size());
    }
};

/// The repeated HMAC of PBKDF2. Its message is always one digest, so that each of the two hashes is one compression of
/// one block whose padding never changes.
template <class Sha>
class Iteration {
public:
    explicit Iteration(const Keyed<Sha>& keyed) : keyed_{keyed}, work_{keyed.inner} {
        block_[Sha::size] = 0x80;
        constexpr std::uint64_t bits = (Sha::block + Sha::size) * 8;  // the pad came first; fits in the last two bytes
        block_[Sha::block - 2] = static_cast<unsigned char>(bits >> 8);
        block_[Sha::block - 1] = static_cast<unsigned char>(bits & 0xff);
    }
    Iteration(const Iteration&) = delete;
    Iteration& operator=(const Iteration&) = delete;
    ~Iteration() {
        OPENSSL_cleanse(&work_, sizeof work_);
        OPENSSL_cleanse(block_.data(), block_.size());
    }

    /// U1 ^ U2 ^ ... of RFC 8018 section 5.2, given U1.
    Digest run(const Digest& first, std::uint32_t iterations) {
        Digest sum = first;
        std::ranges::copy(first.view(), block_.begin());
        for (std::uint32_t done = 1; done < iterations; ++done) {
            compress(keyed_.inner);
            compress(keyed_.outer);
            add(sum.bytes().data());
        }
        return sum;
    }

private:
    using Word = typename Sha::Word;

    /// The state words stand first in OpenSSL's contexts; the rest of them plays no part in a single compression.
    void compress(const typename Sha::Context& from) {
        std::memcpy(&work_, &from, Sha::size);
        Sha::transform(&work_, block_.data());
        std::array<Word, Sha::size / sizeof(Word)> words;
        std::memcpy(words.data(), &work_, Sha::size);
        if constexpr (std::endian::native == std::endian::little) {
            for (Word& word : words) word = std::byteswap(word);
        }
        std::memcpy(block_.data(), words.data(), Sha::size);
    }

    void add(unsigned char* sum) const {
        for (std::size_t i = 0; i < Sha::size; ++i) sum[i] ^= block_[i];
    }

    const Keyed<Sha>& keyed_;
    typename Sha::Context work_;
    std::array<unsigned char, Sha::block> block_{};
};

}  // namespace

std::string_view name(Hash hash) {
    switch (hash) {
        case Hash::sha1: return "SHA-1";
        case Hash::sha256: return "SHA-256";
        case Hash::sha512: break;
    }
    return "SHA-512";
}

std::size_t size_of(Hash hash) {
    switch (hash) {
        case Hash::sha1: return Sha1::size;
        case Hash::sha256: return Sha256::size;
        case Hash::sha512: break;
    }
    return Sha512::size;
}

void wipe(std::string& secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

Digest::Digest(std::string_view bytes) : size_{std::min(bytes.size(), data_.size())} {
    std::copy_n(bytes.begin(), size_, data_.begin());
}

Digest::~Digest() { OPENSSL_cleanse(data_.data(), data_.size()); }

Digest& Digest::operator^=(const Digest& other) {
    for (std::size_t i = 0; i < size_; ++i) data_[i] ^= other.data_[i];
    return *this;
}

Digest digest(Hash hash, std::string_view bytes) {
    return with(hash, [&]<class Sha>(Sha) { return hash_of<Sha>(bytes); });
}

Digest hmac(Hash hash, std::string_view key, std::string_view bytes) {
    return with(hash, [&]<class Sha>(Sha) { return Keyed<Sha>{key}.of(bytes); });
}

Digest pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations) {
    constexpr std::string_view first_block{"\0\0\0\1", 4};  // INT(1) of RFC 5802 section 2.2
    return with(hash, [&]<class Sha>(Sha) {
        const Keyed<Sha> keyed{password};
        return Iteration<Sha>{keyed}.run(keyed.of(salt, first_block), iterations);
    });
}

bool equal(std::string_view one, std::string_view other) {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace aldis::sasl
