#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/config.h"

/// How single values are written in siegel.yaml: for each type one Form with
///   expected()           what a right value looks like, in words
///   read(text, folder)   the value, or nothing; relative paths begin at `folder`
///   write(value)         the text that `read` turns into `value` again
///   choices()            all right texts, where they can be counted; else none
namespace siegel::config {

template <typename T>
struct Form;

/// Forms without a fixed set of words.
struct OpenForm {
  static std::vector<std::string_view> choices() { return {}; }
};

template <>
struct Form<bool> {
  static std::string expected();
  static std::optional<bool> read(std::string_view text, const std::filesystem::path& folder);
  static std::string write(bool value);
  static std::vector<std::string_view> choices() { return {"true", "false"}; }
};

/// A count: decimal digits.
template <>
struct Form<std::uint32_t> : OpenForm {
  static std::string expected();
  static std::optional<std::uint32_t> read(std::string_view text,
                                           const std::filesystem::path& folder);
  static std::string write(std::uint32_t value);
};

/// A size in octets: `50 MB`, `10 KB`; powers of 1024.
template <>
struct Form<std::uint64_t> : OpenForm {
  static std::string expected();
  static std::optional<std::uint64_t> read(std::string_view text,
                                           const std::filesystem::path& folder);
  static std::string write(std::uint64_t value);
};

/// A duration: `30 s`, `5 min`, `2 h`, `5 d`.
template <>
struct Form<std::chrono::seconds> : OpenForm {
  static std::string expected();
  static std::optional<std::chrono::seconds> read(std::string_view text,
                                                  const std::filesystem::path& folder);
  static std::string write(std::chrono::seconds value);
};

template <>
struct Form<std::filesystem::path> : OpenForm {
  static std::string expected();
  static std::optional<std::filesystem::path> read(std::string_view text,
                                                   const std::filesystem::path& folder);
  static std::string write(const std::filesystem::path& value);
};

/// `0.0.0.0:25`, `[::]:25`
template <>
struct Form<SocketAddress> : OpenForm {
  static std::string expected();
  static std::optional<SocketAddress> read(std::string_view text,
                                           const std::filesystem::path& folder);
  static std::string write(const SocketAddress& value);
};

/// `10.0.0.0/8`, `2001:db8::/32`, `10.1.2.3`
template <>
struct Form<Network> : OpenForm {
  static std::string expected();
  static std::optional<Network> read(std::string_view text, const std::filesystem::path& folder);
  static std::string write(const Network& value);
};

/// `ocsp.pki.example`, `*.pki.example:8080`, `10.1.2.3:8080`, `[2001:db8::1]`
template <>
struct Form<HostPattern> : OpenForm {
  static std::string expected();
  static std::optional<HostPattern> read(std::string_view text,
                                         const std::filesystem::path& folder);
  static std::string write(const HostPattern& value);
};

template <>
struct Form<Address> : OpenForm {
  static std::string expected();
  static std::optional<Address> read(std::string_view text, const std::filesystem::path& folder);
  static std::string write(const Address& value);
};

template <>
struct Form<AddressPattern> : OpenForm {
  static std::string expected();
  static std::optional<AddressPattern> read(std::string_view text,
                                            const std::filesystem::path& folder);
  static std::string write(const AddressPattern& value);
};

/// `smtp://host:25`, `smtp://[::1]:25`, `maildir:/path`
template <>
struct Form<NextHop> : OpenForm {
  static std::string expected();
  static std::optional<NextHop> read(std::string_view text, const std::filesystem::path& folder);
  static std::string write(const NextHop& value);
};

/// An enumerator and its word.
template <typename E>
struct Word {
  std::string_view text;
  E value;
};
template <typename E>
Word(std::string_view, E) -> Word<E>;

// A word that a later version will know is not here: schema.h says of it what to write instead.
template <typename E>
inline constexpr std::array<Word<E>, 0> words{};
template <>
inline constexpr std::array words<Side>{Word{"inside", Side::inside}, Word{"world", Side::world}};
template <>
inline constexpr std::array words<TlsDemand>{Word{"none", TlsDemand::none},
                                             Word{"opportunistic", TlsDemand::opportunistic},
                                             Word{"verified", TlsDemand::verified}};
template <>
inline constexpr std::array words<SignDemand>{Word{"always", SignDemand::always},
                                              Word{"if-possible", SignDemand::if_possible},
                                              Word{"never", SignDemand::never}};
template <>
inline constexpr std::array words<EncryptDemand>{Word{"required", EncryptDemand::required},
                                                 Word{"if-possible", EncryptDemand::if_possible},
                                                 Word{"never", EncryptDemand::never}};
template <>
inline constexpr std::array words<WithoutKey>{Word{"refuse", WithoutKey::refuse},
                                              Word{"hold", WithoutKey::hold},
                                              Word{"pickup", WithoutKey::pickup}};
template <>
inline constexpr std::array words<SchemeChoice>{
    Word{"last-used", SchemeChoice::last_used}, Word{"smime", SchemeChoice::smime},
    Word{"openpgp", SchemeChoice::openpgp}, Word{"smime-only", SchemeChoice::smime_only},
    Word{"openpgp-only", SchemeChoice::openpgp_only}};
template <>
inline constexpr std::array words<Trigger>{
    Word{"encrypt", Trigger::encrypt}, Word{"plain", Trigger::plain}, Word{"sign", Trigger::sign}};
template <>
inline constexpr std::array words<IncomingAction>{Word{"accept", IncomingAction::accept},
                                                  Word{"hold", IncomingAction::hold},
                                                  Word{"refuse", IncomingAction::refuse}};
template <>
inline constexpr std::array words<RevocationMode>{Word{"hard-fail", RevocationMode::hard_fail},
                                                  Word{"soft-fail", RevocationMode::soft_fail}};

template <>
inline constexpr std::array words<Unscannable>{Word{"refuse", Unscannable::refuse},
                                               Word{"deliver", Unscannable::deliver}};

/// "always, if-possible or never"
[[nodiscard]] std::string expected_words(const std::vector<std::string_view>& choices);

template <typename E>
requires std::is_enum_v<E>
struct Form<E> {
  static std::vector<std::string_view> choices() {
    std::vector<std::string_view> texts;
    texts.reserve(words<E>.size());
    for (const auto& word : words<E>) texts.push_back(word.text);
    return texts;
  }
  static std::string expected() { return expected_words(choices()); }
  static std::optional<E> read(std::string_view text, const std::filesystem::path& /*folder*/) {
    for (const auto& word : words<E>) {
      if (word.text == text) return word.value;
    }
    return std::nullopt;
  }
  static std::string write(E value) {
    for (const auto& word : words<E>) {
      if (word.value == value) return std::string(word.text);
    }
    return {};
  }
};

}  // namespace siegel::config
