#include "gateway/transfer/pickups.h"

#include <array>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/sql.h"
#include "gateway/transfer/identities.h"
#include "pki/openssl.h"

namespace siegel::transfer {
namespace {

using sql::Session;

constexpr std::uint64_t codes = 100'000'000;
constexpr std::size_t code_digits = 8;

/// Without a bias: what does not fit evenly is drawn again.
pki::Secret new_code() {
  constexpr std::uint64_t range = std::uint64_t{1} << 32U, even = range - range % codes;
  std::uint64_t drawn = range;
  while (drawn >= even) {
    std::array<unsigned char, 4> random{};
    pki::checked(RAND_priv_bytes(random.data(), static_cast<int>(random.size())),
                 "RAND_priv_bytes");
    drawn = 0;
    for (const unsigned char octet : random) drawn = drawn << 8U | octet;
  }
  return pki::Secret(fmt::format("{:08}", drawn % codes));
}

std::string digits_of(std::string_view entered) {
  constexpr std::size_t longest = 64;
  std::string digits;
  for (const char c : entered.substr(0, longest))
    if (ascii::is_digit(c)) digits += c;
  return digits;
}

/// What the table knows of a code. A code has too few digits to be hidden by a hash alone: it is
/// mixed with the link's secret, which whoever has the table does not have.
std::string trace_of(const LinkSecret& secret, std::string_view code) {
  return secret.lookup("code " + std::string(code));
}

sql::Rows row_of(Session& session, const std::string& link) {
  return sql::select(session, "SELECT * FROM pickup WHERE tenant = 'default' AND link = ?", link);
}

}  // namespace

CodeWay Pickups::code_way(const Visit& visit) const {
  std::string text;
  database_.read([&](Session& session) {
    const auto rows = row_of(session, visit.lookup);
    if (!rows.empty())
      text = seal_.open(rows.text("sealed_code_to"), identity::code_to(visit.lookup));
  });
  auto way = CodeWay::parse(text);
  if (!way)
    throw Error(Fault::ours, "the set-up is broken",
                "the transfer database holds no way for the codes of a link; restore it");
  return *std::move(way);
}

std::optional<pki::Secret> Pickups::make_code(const Visit& visit, const LinkSecret& secret) {
  pki::Secret code = new_code();
  bool is_made = false;
  database_.write([&](Session& session) {
    const auto rows = row_of(session, visit.lookup);
    if (rows.empty()) return;
    const Time now = clock_.now();
    const bool is_new_period = rows.moment("codes_since") + code_period <= now;
    const std::int64_t before = is_new_period ? 0 : rows.number("codes");
    if (before >= codes_in_period) return;
    sql::run(session,
             "UPDATE pickup SET code = ?, wrong = 0, expires = ?, codes = ?, codes_since = ? WHERE "
             "tenant = 'default' AND link = ?",
             trace_of(secret, code.octets()), to_unix(now + code_life), before + 1,
             is_new_period ? to_unix(now) : rows.number("codes_since"), visit.lookup);
    is_made = true;
  });
  return is_made ? std::optional(std::move(code)) : std::nullopt;
}

Pickups::Checked Pickups::check(const Visit& visit, const LinkSecret& secret,
                                std::string_view code) {
  const std::string digits = digits_of(code);
  Checked result = Checked::over;
  database_.write([&](Session& session) {
    const auto rows = row_of(session, visit.lookup);
    if (rows.empty() || rows.text("code").empty() || rows.moment("expires") <= clock_.now()) return;
    const std::int64_t wrong = rows.number("wrong") + 1;
    const bool is_right =
        digits.size() == code_digits && pki::are_same(rows.text("code"), trace_of(secret, digits));
    const bool is_over = is_right || wrong >= wrong_codes;
    sql::run(session, "UPDATE pickup SET code = ?, wrong = ? WHERE tenant = 'default' AND link = ?",
             is_over ? std::string() : rows.text("code"), wrong, visit.lookup);
    result = is_right ? Checked::right : is_over ? Checked::over : Checked::wrong;
  });
  return result;
}

bool Pickups::take_answer(const std::string& lookup) {
  bool is_taken = false;
  database_.write([&](Session& session) {
    const auto rows = row_of(session, lookup);
    if (rows.empty() || rows.number("answers") >= most_answers) return;
    sql::run(session,
             "UPDATE pickup SET answers = answers + 1 WHERE tenant = 'default' AND link = ?",
             lookup);
    is_taken = true;
  });
  return is_taken;
}

}  // namespace siegel::transfer
