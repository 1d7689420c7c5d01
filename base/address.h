#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace siegel {

/// A mail address: an addr-spec without display name, comments or source route.
/// The domain is kept as lower-case A-labels (IDNA2008), the local part octet for octet, so that
/// two Address values are equal exactly if they name the same mailbox by RFC 5321 §2.4.
class Address {
 public:
  /// RFC 5321 §4.1.2 Mailbox, limits of §4.5.3.1 (local part 64, domain 255 octets), UTF-8 in local
  /// part and domain as in RFC 6531 §3.3. Refused, with no result: white space and controls
  /// anywhere (Unicode's too, and characters that cannot be seen), quoted local parts that need
  /// their quotes (they read differently from system to system, CVE-2026-27444), the routing
  /// characters `%` and `!` in the local part, domain literals, invalid UTF-8, domains that
  /// IDNA refuses. A quoted local part that needs no quotes is taken without them.
  static std::optional<Address> parse(std::string_view text);

  [[nodiscard]] const std::string& local() const noexcept { return local_; }
  [[nodiscard]] const std::string& domain() const noexcept { return domain_; }
  /// "local@domain"
  [[nodiscard]] std::string str() const { return local_ + '@' + domain_; }

  /// True if local part or domain hold octets above 127 (needs SMTPUTF8).
  [[nodiscard]] bool is_international() const noexcept;
  /// Equal but for ASCII case in the local part (STANDARDS §2.7.4: `match-folded`).
  [[nodiscard]] bool equals_folded(const Address& other) const;

  auto operator<=>(const Address&) const = default;

 private:
  Address(std::string local, std::string domain)
      : local_(std::move(local)), domain_(std::move(domain)) {}

  std::string local_;
  std::string domain_;
};

/// What a rule says of addresses: `anna@stadt.example`, `*@stadt.example`, `*@*.stadt.example`
/// (any sub-domain, not the domain itself) or `*`.
class AddressPattern {
 public:
  static std::optional<AddressPattern> parse(std::string_view text);

  /// The local part of a pattern is compared ignoring ASCII case: operators write rules, not
  /// octets.
  [[nodiscard]] bool matches(const Address& address) const;
  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  /// True if every address that `other` matches is matched by this one too.
  [[nodiscard]] bool covers(const AddressPattern& other) const;

  bool operator==(const AddressPattern&) const = default;

 private:
  AddressPattern() = default;

  std::string text_;
  std::string local_;   // lower case; "*" for any
  std::string domain_;  // "*" for any; ".x.example" for sub-domains of x.example
};

/// A domain as lower-case A-labels (IDNA2008, RFC 5891), or nothing if it is no domain name.
[[nodiscard]] std::optional<std::string> normalise_domain(std::string_view text);

}  // namespace siegel
