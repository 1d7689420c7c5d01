#include "gateway/smtp/command.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/smtp/parameters.h"

namespace siegel::smtp {
namespace {

constexpr std::size_t path_limit = 256;   // RFC 5321 §4.5.3.1.3, with the angle brackets
constexpr std::size_t envid_limit = 100;  // RFC 3461 §4.4
constexpr std::size_t orcpt_limit = 500;  // RFC 3461 §4.2

bool has_8bit(std::string_view text) {
  return std::ranges::any_of(text, ascii::is_8bit);
}

bool is_hex_digit(char c) {
  return ascii::is_digit(c) || (c >= 'A' && c <= 'F');
}

// --- parameters of MAIL ----------------------------------------------------------------------

std::optional<Reply> take_size(std::string_view value, MailArgument& mail) {
  std::uint64_t size = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, size);
  // RFC 1870 §3: 1*20DIGIT. What does not fit 64 bits is larger than any limit.
  if (value.empty() || value.size() > 20 || stopped != end || error == std::errc::invalid_argument)
    return replies::syntax_error("SIZE=<number of octets>");
  mail.size = error == std::errc::result_out_of_range ? UINT64_MAX : size;
  return std::nullopt;
}

std::optional<Reply> take_body(std::string_view value, MailArgument& mail) {
  mail.body_8bit = ascii::equals_ignoring_case(value, "8BITMIME");  // RFC 6152 §3
  if (mail.body_8bit || ascii::equals_ignoring_case(value, "7BIT")) return std::nullopt;
  return replies::syntax_error("BODY=7BIT or BODY=8BITMIME");
}

std::optional<Reply> take_smtputf8(std::string_view value, MailArgument& mail) {
  if (!value.empty()) return replies::syntax_error("SMTPUTF8 takes no value");  // RFC 6531 §3.4
  mail.smtputf8 = true;
  return std::nullopt;
}

std::optional<Reply> take_ret(std::string_view value, MailArgument& mail) {
  mail.return_headers_only = ascii::equals_ignoring_case(value, "HDRS");  // RFC 3461 §4.3
  if (mail.return_headers_only || ascii::equals_ignoring_case(value, "FULL")) return std::nullopt;
  return replies::syntax_error("RET=FULL or RET=HDRS");
}

std::optional<Reply> take_envid(std::string_view value, MailArgument& mail) {
  if (value.empty() || value.size() > envid_limit || !is_xtext(value))  // RFC 3461 §4.4
    return replies::syntax_error("ENVID=<at most 100 characters of xtext>");
  mail.envid = value;
  return std::nullopt;
}

struct MailKeyword {
  std::string_view keyword;
  std::optional<Reply> (*take)(std::string_view, MailArgument&);
};

constexpr MailKeyword mail_keywords[] = {
    {"SIZE", take_size}, {"BODY", take_body},   {"SMTPUTF8", take_smtputf8},
    {"RET", take_ret},   {"ENVID", take_envid},
};

std::optional<Reply> take_mail_parameter(const Parameter& parameter, MailArgument& mail) {
  for (const MailKeyword& known : mail_keywords) {
    if (ascii::equals_ignoring_case(known.keyword, parameter.keyword))
      return known.take(parameter.value, mail);
  }
  return replies::parameter_not_implemented(parameter.keyword);  // RFC 5321 §4.1.1.11
}

// --- parameters of RCPT ----------------------------------------------------------------------

bool take_condition(std::string_view word, mail::Notify& notify) {
  if (ascii::equals_ignoring_case(word, "SUCCESS")) return notify.success = true;
  if (ascii::equals_ignoring_case(word, "FAILURE")) return notify.failure = true;
  if (ascii::equals_ignoring_case(word, "DELAY")) return notify.delay = true;
  return false;
}

std::optional<Reply> take_notify(std::string_view value, mail::Recipient& recipient) {
  mail::Notify notify{false, false, false, false};
  if (ascii::equals_ignoring_case(value, "NEVER")) {  // RFC 3461 §4.1: alone or not at all
    notify.never = true;
    recipient.notify = notify;
    return std::nullopt;
  }
  while (true) {
    const auto comma = value.find(',');
    if (!take_condition(value.substr(0, comma), notify))
      return replies::syntax_error("NOTIFY=NEVER or a list of SUCCESS, FAILURE, DELAY");
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  recipient.notify = notify;
  return std::nullopt;
}

// RFC 6533 §3: in the address type "utf-8" an ORCPT may hold UTF-8 as it is, once SMTPUTF8 was
// declared.
bool is_original_address(std::string_view type, std::string_view address,
                         const RcptContext& context) {
  if (!ascii::equals_ignoring_case(type, "utf-8")) return is_xtext(address);
  const bool clean = std::ranges::none_of(
      address, [](char c) { return c == ' ' || c == '=' || ascii::is_control(c); });
  return clean && is_utf8(address) && (context.smtputf8 || !has_8bit(address));
}

bool is_address_type(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || c == '-';
  });
}

std::optional<Reply> take_orcpt(std::string_view value, const RcptContext& context,
                                mail::Recipient& recipient) {
  const auto divider = value.find(';');
  if (divider == std::string_view::npos || value.size() > orcpt_limit ||
      !is_address_type(value.substr(0, divider)) || divider + 1 == value.size() ||
      !is_original_address(value.substr(0, divider), value.substr(divider + 1), context))
    return replies::syntax_error("ORCPT=<type;xtext of at most 500 characters>");
  recipient.original = value;
  return std::nullopt;
}

std::optional<Reply> take_rcpt_parameter(const Parameter& parameter, const RcptContext& context,
                                         mail::Recipient& recipient) {
  if (ascii::equals_ignoring_case(parameter.keyword, "NOTIFY"))
    return take_notify(parameter.value, recipient);
  if (ascii::equals_ignoring_case(parameter.keyword, "ORCPT"))
    return take_orcpt(parameter.value, context, recipient);
  return replies::parameter_not_implemented(parameter.keyword);
}

// --- paths -----------------------------------------------------------------------------------

// What is wrong with a path that Address::parse refuses, in words that help its sender.
std::string_view complaint(std::string_view path) {
  const std::string_view local = path.substr(0, std::min(path.rfind('@'), path.size()));
  if (path.starts_with('@')) return "source routes are not accepted";
  if (local.starts_with('"')) return "quoted local parts are not accepted";
  if (local.find_first_of("%!") != std::string_view::npos)
    return "routing by % or ! is not accepted";
  if (path.find("@[") != std::string_view::npos) return "address literals are not accepted";
  return "not a valid address";
}

std::optional<Address> parse_path(std::string_view path) {
  if (path.size() + 2 > path_limit) return std::nullopt;
  return Address::parse(path);
}

std::optional<Address> parse_forward_path(std::string_view path, const RcptContext& context) {
  // RFC 5321 §4.5.1: "RCPT TO:<Postmaster>" without a domain must be accepted.
  if (ascii::equals_ignoring_case(path, "postmaster"))
    return Address::parse("postmaster@" + context.postmaster_domain);
  return parse_path(path);
}

}  // namespace

bool is_xtext(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c < '!' || c > '~' || c == '=') return false;
    if (c != '+') continue;
    if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2]))
      return false;
    i += 2;
  }
  return true;
}

bool is_client_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

std::variant<Command, Reply> parse_command(std::string_view line) {
  if (std::ranges::any_of(line, [](char c) { return ascii::is_control(c) && c != '\t'; }))
    return replies::bad_command_line();
  const auto verb_end = std::min(line.find_first_of(" \t"), line.size());
  Command command{std::string(line.substr(0, verb_end)),
                  std::string(ascii::trim(line.substr(verb_end)))};
  for (char& c : command.verb) c = ascii::upper(c);  // RFC 5321 §2.4: verbs in any case
  const bool extended = command.verb == "MAIL" || command.verb == "RCPT";
  if (line.size() + 2 > (extended ? extended_command_limit : command_limit))
    return replies::line_too_long();
  return command;
}

std::variant<MailArgument, Reply> parse_mail(std::string_view argument) {
  auto parsed = parse_path_argument(argument, "FROM");
  if (auto* wrong = std::get_if<Reply>(&parsed)) return std::move(*wrong);
  const auto& [path, parameters] = std::get<PathArgument>(parsed);

  MailArgument mail;
  for (const Parameter& parameter : parameters) {
    if (auto wrong = take_mail_parameter(parameter, mail)) return std::move(*wrong);
  }
  if (path.empty()) return mail;  // RFC 5321 §4.5.5: the null reverse-path
  if (has_8bit(path) && !mail.smtputf8) return replies::needs_smtputf8();
  mail.reverse_path = parse_path(path);
  if (!mail.reverse_path) return replies::bad_sender(complaint(path));
  return mail;
}

std::variant<mail::Recipient, Reply> parse_rcpt(std::string_view argument,
                                                const RcptContext& context) {
  auto parsed = parse_path_argument(argument, "TO");
  if (auto* wrong = std::get_if<Reply>(&parsed)) return std::move(*wrong);
  const auto& [path, parameters] = std::get<PathArgument>(parsed);

  if (has_8bit(path) && !context.smtputf8) return replies::needs_smtputf8();  // RFC 6531 §3.5
  auto address = parse_forward_path(path, context);
  if (!address) return replies::bad_address(complaint(path));
  mail::Recipient recipient{std::move(*address), {}, {}};
  for (const Parameter& parameter : parameters) {
    if (auto wrong = take_rcpt_parameter(parameter, context, recipient)) return std::move(*wrong);
  }
  return recipient;
}

}  // namespace siegel::smtp
