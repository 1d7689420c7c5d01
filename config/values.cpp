#include "config/values.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include "base/ascii.h"
#include "config/network.h"
#include "config/spelling.h"

namespace siegel::config {
namespace {

constexpr std::string_view smtp_scheme = "smtp://";
constexpr std::string_view maildir_scheme = "maildir:";
constexpr std::uint16_t smtp_port = 25;
constexpr std::uint16_t http_port = 80;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first: a value is written in the largest unit that divides it.
constexpr std::array duration_units{Unit{"d", 86400}, Unit{"h", 3600}, Unit{"min", 60},
                                    Unit{"s", 1}};
constexpr std::array size_units{Unit{"GB", 1U << 30U}, Unit{"MB", 1U << 20U}, Unit{"KB", 1U << 10U},
                                Unit{"B", 1}};

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, ascii::is_digit)) return std::nullopt;
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "30 s": digits, blanks or none, a unit.
std::optional<std::uint64_t> parse_amount(std::string_view text, std::span<const Unit> units) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::uint64_t>(text.substr(0, digits));
  const auto unit = std::ranges::find(units, ascii::trim(text.substr(digits)), &Unit::name);
  if (!number || unit == units.end()) return std::nullopt;
  // Signed, so that a duration can hold it too.
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (*number > most / unit->factor) return std::nullopt;
  return *number * unit->factor;
}

std::string write_amount(std::uint64_t amount, std::span<const Unit> units) {
  const auto fits = [&](const Unit& unit) {
    return amount >= unit.factor && amount % unit.factor == 0;
  };
  const auto unit = std::ranges::find_if(units, fits);
  const Unit& chosen = unit == units.end() ? units.back() : *unit;
  return std::to_string(amount / chosen.factor) + ' ' + std::string(chosen.name);
}

struct HostAndPort {
  std::string host;
  std::optional<std::string_view> port;
};

/// "host", "host:25", "[::1]", "[::1]:25"
std::optional<HostAndPort> split_port(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    HostAndPort parts{std::string(text.substr(1, close - 1)), std::nullopt};
    if (parts.host.find(':') == std::string::npos) return std::nullopt;
    text.remove_prefix(close + 1);
    if (text.empty()) return parts;
    if (!text.starts_with(':')) return std::nullopt;
    parts.port = text.substr(1);
    return parts;
  }
  const auto colon = text.find(':');
  HostAndPort parts{std::string(text.substr(0, colon)), std::nullopt};
  if (colon != std::string_view::npos) parts.port = text.substr(colon + 1);
  return parts;
}

std::string join_port(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::optional<std::string> parse_host(const std::string& text) {
  if (IpAddress::parse(text)) return text;
  return normalise_domain(text);
}

std::optional<NextHop> parse_smtp(std::string_view text) {
  const auto parts = split_port(text);
  if (!parts) return std::nullopt;
  const auto host = parse_host(parts->host);
  const auto port = parts->port ? parse_number<std::uint16_t>(*parts->port) : smtp_port;
  if (!host || !port || *port == 0) return std::nullopt;
  NextHop hop;
  hop.host = *host;
  hop.port = *port;
  return hop;
}

/// A name, or an address as it is usually written; no number that a resolver would take for one.
std::optional<std::string> parse_pattern_host(const std::string& text) {
  if (text.find('%') != std::string::npos) return std::nullopt;  // a zone is this machine's affair
  if (IpAddress::parse(text)) return text;
  const std::string below = text.starts_with("*.") ? "*." : "";
  const auto name = normalise_domain(text.substr(below.size()));
  if (!name || is_numeric_host(*name)) return std::nullopt;
  return below + *name;
}

}  // namespace

std::string expected_words(const std::vector<std::string_view>& choices) {
  return one_of(choices);
}

std::string Form<bool>::expected() {
  return "true or false";
}
std::optional<bool> Form<bool>::read(std::string_view text, const std::filesystem::path&) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}
std::string Form<bool>::write(bool value) {
  return value ? "true" : "false";
}

std::string Form<std::uint32_t>::expected() {
  return "a whole number, such as 100";
}
std::optional<std::uint32_t> Form<std::uint32_t>::read(std::string_view text,
                                                       const std::filesystem::path&) {
  return parse_number<std::uint32_t>(text);
}
std::string Form<std::uint32_t>::write(std::uint32_t value) {
  return std::to_string(value);
}

std::string Form<std::uint64_t>::expected() {
  return "a size with its unit (B, KB, MB, GB), such as 50 MB";
}
std::optional<std::uint64_t> Form<std::uint64_t>::read(std::string_view text,
                                                       const std::filesystem::path&) {
  return parse_amount(text, size_units);
}
std::string Form<std::uint64_t>::write(std::uint64_t value) {
  return write_amount(value, size_units);
}

std::string Form<std::chrono::seconds>::expected() {
  return "a duration with its unit (s, min, h, d), such as 30 s or 5 min";
}
std::optional<std::chrono::seconds> Form<std::chrono::seconds>::read(std::string_view text,
                                                                     const std::filesystem::path&) {
  const auto amount = parse_amount(text, duration_units);
  if (!amount) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*amount));
}
std::string Form<std::chrono::seconds>::write(std::chrono::seconds value) {
  return write_amount(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::string Form<std::filesystem::path>::expected() {
  return "a path, such as /etc/siegel/tls.pem";
}
std::optional<std::filesystem::path> Form<std::filesystem::path>::read(
    std::string_view text, const std::filesystem::path& folder) {
  if (text.empty() || std::ranges::any_of(text, ascii::is_control)) return std::nullopt;
  return (folder / text).lexically_normal();  // an absolute text replaces the folder
}
std::string Form<std::filesystem::path>::write(const std::filesystem::path& value) {
  return value.string();
}

std::string Form<SocketAddress>::expected() {
  return "an IP address and a port, such as 0.0.0.0:25 or [::]:25";
}
std::optional<SocketAddress> Form<SocketAddress>::read(std::string_view text,
                                                       const std::filesystem::path&) {
  const auto parts = split_port(text);
  if (!parts || !parts->port || !IpAddress::parse(parts->host)) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(*parts->port);
  if (!port) return std::nullopt;
  return SocketAddress{parts->host, *port};
}
std::string Form<SocketAddress>::write(const SocketAddress& value) {
  return join_port(value.host, value.port);
}

std::string Form<Network>::expected() {
  return "an IP network whose bits beyond the prefix are 0, such as 10.0.0.0/8 or 2001:db8::/32, "
         "or an IP address";
}
std::optional<Network> Form<Network>::read(std::string_view text, const std::filesystem::path&) {
  const auto prefix = Prefix::parse(text);
  if (!prefix || !prefix->is_clean()) return std::nullopt;
  return Network{std::string(text)};
}
std::string Form<Network>::write(const Network& value) {
  return value.text;
}

std::string Form<Address>::expected() {
  return "a mail address, such as pki@stadt.example";
}
std::optional<Address> Form<Address>::read(std::string_view text, const std::filesystem::path&) {
  return Address::parse(text);
}
std::string Form<Address>::write(const Address& value) {
  return value.str();
}

std::string Form<HostPattern>::expected() {
  return "a host, or *. and a domain, and a port where it is not 80, such as ocsp.pki.example:8080";
}
std::optional<HostPattern> Form<HostPattern>::read(std::string_view text,
                                                   const std::filesystem::path&) {
  const auto parts = split_port(text);
  if (!parts) return std::nullopt;
  const auto host = parse_pattern_host(parts->host);
  const auto port = parts->port ? parse_number<std::uint16_t>(*parts->port) : http_port;
  if (!host || !port || *port == 0) return std::nullopt;
  return HostPattern{*host, *port};
}
std::string Form<HostPattern>::write(const HostPattern& value) {
  if (value.port != http_port) return join_port(value.host, value.port);
  return value.host.find(':') == std::string::npos ? value.host : '[' + value.host + ']';
}

std::string Form<AddressPattern>::expected() {
  return "an address such as anna@stadt.example, *@stadt.example, *@*.stadt.example, or *";
}
std::optional<AddressPattern> Form<AddressPattern>::read(std::string_view text,
                                                         const std::filesystem::path&) {
  return AddressPattern::parse(text);
}
std::string Form<AddressPattern>::write(const AddressPattern& value) {
  return value.str();
}

std::string Form<NextHop>::expected() {
  return "smtp://HOST, smtp://HOST:PORT or maildir:FOLDER, such as smtp://mail.stadt.example:25";
}
std::optional<NextHop> Form<NextHop>::read(std::string_view text,
                                           const std::filesystem::path& folder) {
  if (text.starts_with(smtp_scheme)) return parse_smtp(text.substr(smtp_scheme.size()));
  if (!text.starts_with(maildir_scheme)) return std::nullopt;
  const auto directory =
      Form<std::filesystem::path>::read(text.substr(maildir_scheme.size()), folder);
  if (!directory) return std::nullopt;
  NextHop hop;
  hop.kind = NextHop::Kind::maildir;
  hop.directory = *directory;
  return hop;
}
std::string Form<NextHop>::write(const NextHop& value) {
  if (value.kind == NextHop::Kind::maildir)
    return std::string(maildir_scheme) + value.directory.string();
  return std::string(smtp_scheme) + join_port(value.host, value.port);
}

}  // namespace siegel::config
