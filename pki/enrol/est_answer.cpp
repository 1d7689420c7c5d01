#include "pki/enrol/est_answer.h"

#include <algorithm>
#include <charconv>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "pki/enrol/next_try.h"
#include "pki/import.h"
#include "pki/store_base64.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::size_t chain_limit = 32;

// RFC 9110 §10.2.3: seconds, or a date. What cannot be read is as good as nothing.
std::chrono::seconds retry_after(const HttpAnswer& answer, Time now) {
  constexpr std::chrono::seconds unsaid{std::chrono::hours(1)};
  const std::string field = answer.retry_after.value_or("");
  const std::string_view text = ascii::trim(field);
  std::uint32_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem == std::errc() && end == text.data() + text.size())
    return std::chrono::seconds(seconds);
  int zone = 0;
  Poco::DateTime date;
  if (text.empty() || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT,
                                                      std::string(text), date, zone))
    return unsaid;
  return std::chrono::duration_cast<std::chrono::seconds>(from_unix(date.timestamp().epochTime()) -
                                                          now);
}

/// What the server says, for people: pages of HTML are for browsers.
std::string words_of(const HttpAnswer& answer) {
  std::string text = std::to_string(answer.status) + ' ' + printable(answer.reason, 80);
  if (!ascii::starts_ignoring_case(answer.type, "text/plain")) return text;
  return text + ", " + printable(ascii::trim(answer.body));
}

std::string advice_for(int status) {
  switch (status) {
    case 400:
      return "the CA does not take this request; compare the CA profile with its rules";
    case 401:
    case 403:
      return "the CA does not let us in; check est.certificate, est.user and est.secret, and that "
             "we are registered there";
    case 404:
    case 405:
      return "there is no EST service; check the path in est.url";
    default:
      return "ask the CA's operator what is missing";
  }
}

bool is_passing(int status) {
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

/// What is neither a certificate nor "later": Refused or Unreachable.
template <typename Result>
Result refusal(const HttpAnswer& answer) {
  if (answer.location && answer.status >= 300 && answer.status < 400)
    return Refused{"the server sends us to " + printable(*answer.location) +
                   "; if that is right, put it into est.url"};
  if (is_passing(answer.status))
    return Unreachable{"the server is out of order: " + words_of(answer)};
  if (answer.status >= 400)
    return Refused{"the server answers " + words_of(answer) + "; " + advice_for(answer.status)};
  return Unreachable{"the server answers " + words_of(answer) +
                     ", which EST does not know; check that est.url is an EST service"};
}

// RFC 8951 §3.1: base64, whatever Content-Transfer-Encoding says, with or without line breaks.
std::string decoded(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || ascii::is_blank(c); });
  return text.size() % 4 == 0 ? from_base64(text) : std::string();
}

/// The certificates of a certs-only answer; none if it is something else.
std::vector<Certificate> certificates_in(const HttpAnswer& answer) {
  if (!ascii::starts_ignoring_case(answer.type, "application/pkcs7-mime")) return {};
  const std::string der = decoded(answer.body);
  if (der.empty()) return {};
  try {
    return read_bundle(der, {}).certificates;
  } catch (const Error&) {
    return {};
  }
}

Unreachable not_certs_only(const HttpAnswer& answer) {
  return {"what the server sent (" + printable(answer.type.empty() ? "no type" : answer.type, 80) +
          ") is not a list of certificates; check that est.url is an EST service"};
}

}  // namespace

Answer understand_enrolment(const HttpAnswer& answer, const PrivateKey& key,
                            const std::string& operation, Time now) {
  if (answer.status == 202) return Waiting{operation, next_try(now, retry_after(answer, now))};
  if (answer.status != 200) return refusal<Answer>(answer);
  std::vector<Certificate> all = certificates_in(answer);
  if (all.empty()) return not_certs_only(answer);
  const auto own = std::ranges::find_if(all, [&](const auto& one) { return key.fits(one); });
  if (own == all.end())
    return Refused{
        "the CA issued a certificate for another key; it is not used; have it revoked, and start "
        "the request anew"};
  Issued issued{*own, {}};
  all.erase(own);
  if (all.size() > chain_limit) all.erase(all.begin() + chain_limit, all.end());
  issued.chain = std::move(all);
  return issued;
}

Est::Authorities understand_authorities(const HttpAnswer& answer) {
  if (answer.status != 200) return refusal<Est::Authorities>(answer);
  std::vector<Certificate> all = certificates_in(answer);
  if (all.empty()) return not_certs_only(answer);
  return all;
}

}  // namespace siegel::pki::enrol
