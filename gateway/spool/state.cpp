// The text form of an item's state, format `siegel-item 1`; the grammar stands in docs/FORMATS.md.

#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "base/hex.h"
#include "gateway/spool/fingerprint.h"
#include "gateway/spool/spool.h"

namespace siegel::spool {
namespace {

constexpr std::string_view version_line = "siegel-item 1\n";
constexpr std::string_view null_path = "<>";

// --- writing ------------------------------------------------------------------------------------

/// Blanks, controls and the percent sign as %XX: what is left is one word on one line.
std::string escaped(std::string_view text) {
  std::string word;
  word.reserve(text.size());
  for (const char octet : text) {
    if (octet == ' ' || octet == '%' || ascii::is_control(octet)) {
      word += '%' + hex({&octet, 1});
    } else {
      word += octet;
    }
  }
  return word;
}

class StateWriter {
 public:
  StateWriter() { text_ = version_line; }

  void word(std::string_view key, std::string_view value) {
    text_.append(key).append(" ").append(escaped(value)).append("\n");
  }
  void flag(std::string_view key, bool value) { word(key, value ? "yes" : "no"); }
  void number(std::string_view key, std::int64_t value) { word(key, std::to_string(value)); }
  void time(std::string_view key, Time value) { number(key, value.time_since_epoch().count()); }
  void side(std::string_view key, config::Side value) {
    word(key, value == config::Side::inside ? "inside" : "world");
  }
  void recipient(const mail::Recipient& recipient);

  std::string finish() {
    text_ += "sum " + fingerprint_text(text_) + "\n";
    return std::move(text_);
  }

 private:
  std::string text_;
};

std::string notify_word(const mail::Notify& notify) {
  std::string word = "----";
  if (notify.never) word[0] = 'n';
  if (notify.success) word[1] = 's';
  if (notify.failure) word[2] = 'f';
  if (notify.delay) word[3] = 'd';
  return word;
}

void StateWriter::recipient(const mail::Recipient& recipient) {
  text_ += "recipient " + escaped(recipient.address.str()) + ' ' + notify_word(recipient.notify) +
           ' ' + escaped(recipient.original) + '\n';
}

void write_envelope(StateWriter& out, const mail::Envelope& envelope) {
  out.word("envelope", envelope.id);
  out.side("side", envelope.side);
  out.word("client-ip", envelope.client_ip);
  out.word("client-helo", envelope.client_helo);
  out.flag("tls", envelope.tls);
  out.time("received", envelope.received);
  out.word("reverse-path",
           envelope.reverse_path ? envelope.reverse_path->str() : std::string(null_path));
  out.flag("body-8bit", envelope.body_8bit);
  out.flag("smtputf8", envelope.smtputf8);
  out.word("envid", envelope.envid);
  out.flag("return-headers-only", envelope.return_headers_only);
}

// --- reading ------------------------------------------------------------------------------------

/// Undoes `escaped`; nothing if the word could not have come from it.
std::optional<std::string> unescaped(std::string_view word) {
  std::string text;
  text.reserve(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == ' ' || ascii::is_control(word[i])) return std::nullopt;
    if (word[i] != '%') {
      text += word[i];
      continue;
    }
    unsigned value = 0;
    if (word.size() - i < 3) return std::nullopt;
    const char* const digits = word.data() + i + 1;
    if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
    text += static_cast<char>(value);
    i += 2;
  }
  return text;
}

std::optional<mail::Notify> read_notify(std::string_view word) {
  constexpr std::string_view letters = "nsfd";
  if (word.size() != letters.size()) return std::nullopt;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (word[i] != '-' && word[i] != letters[i]) return std::nullopt;
  }
  return mail::Notify{word[0] == 'n', word[1] == 's', word[2] == 'f', word[3] == 'd'};
}

/// <address> <notify> <original>
std::optional<mail::Recipient> read_recipient(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto address = Address::parse(unescaped(line.substr(0, first)).value_or(std::string()));
  const auto notify = read_notify(line.substr(first + 1, second - first - 1));
  auto original = unescaped(line.substr(second + 1));
  if (!address || !notify || !original) return std::nullopt;
  return mail::Recipient{*address, *notify, std::move(*original)};
}

/// Reads line by line in the one order in which StateWriter writes. The first thing that does not
/// fit makes everything that follows empty; `is_good` tells at the end.
class StateReader {
 public:
  explicit StateReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool is_good() const { return good_; }
  [[nodiscard]] bool is_at(std::string_view key) const {
    return rest_.substr(0, key.size()) == key && rest_.substr(key.size(), 1) == " ";
  }

  std::string word(std::string_view key) {
    auto text = unescaped(value(key));
    if (!text) good_ = false;
    return std::move(text).value_or(std::string());
  }
  bool flag(std::string_view key) {
    const std::string_view text = value(key);
    if (text != "yes" && text != "no") good_ = false;
    return text == "yes";
  }
  config::Side side(std::string_view key) {
    const std::string_view text = value(key);
    if (text != "inside" && text != "world") good_ = false;
    return text == "inside" ? config::Side::inside : config::Side::world;
  }
  Time time(std::string_view key) { return Time(Time::duration(number(key, latest))); }
  std::uint32_t count(std::string_view key) {
    return static_cast<std::uint32_t>(number(key, std::numeric_limits<std::uint32_t>::max()));
  }
  std::optional<Address> path(std::string_view key) {
    const std::string text = word(key);
    if (text == null_path) return std::nullopt;
    auto address = Address::parse(text);
    if (!address) good_ = false;
    return address;
  }
  void recipients(std::vector<mail::Recipient>& recipients);

 private:
  static constexpr std::int64_t latest = 253402300799999;  // 9999-12-31, in milliseconds

  std::string_view value(std::string_view key);
  std::int64_t number(std::string_view key, std::int64_t most);

  std::string_view rest_;
  bool good_ = true;
};

std::string_view StateReader::value(std::string_view key) {
  const std::size_t end = rest_.find('\n');
  if (!good_ || !is_at(key) || end == std::string_view::npos) {
    good_ = false;
    return {};
  }
  const std::string_view found = rest_.substr(key.size() + 1, end - key.size() - 1);
  rest_.remove_prefix(end + 1);
  return found;
}

std::int64_t StateReader::number(std::string_view key, std::int64_t most) {
  const std::string_view text = value(key);
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && end == text.data() + text.size() && number >= 0 && number <= most)
    return number;
  good_ = false;
  return 0;
}

void StateReader::recipients(std::vector<mail::Recipient>& recipients) {
  while (good_ && is_at("recipient")) {
    auto next = read_recipient(value("recipient"));
    if (!next || recipients.size() == most_recipients) {
      good_ = false;
      return;
    }
    recipients.push_back(std::move(*next));
  }
  if (recipients.empty() || !rest_.empty()) good_ = false;  // nothing may follow them
}

mail::Envelope read_envelope(StateReader& in) {
  mail::Envelope envelope;
  envelope.id = in.word("envelope");
  envelope.side = in.side("side");
  envelope.client_ip = in.word("client-ip");
  envelope.client_helo = in.word("client-helo");
  envelope.tls = in.flag("tls");
  envelope.received = in.time("received");
  envelope.reverse_path = in.path("reverse-path");
  envelope.body_8bit = in.flag("body-8bit");
  envelope.smtputf8 = in.flag("smtputf8");
  envelope.envid = in.word("envid");
  envelope.return_headers_only = in.flag("return-headers-only");
  return envelope;
}

Item read_fields(StateReader& in) {
  Item item;
  item.id = in.word("id");
  Consignment& consignment = item.consignment;
  consignment.towards = in.side("towards");
  consignment.confidential = in.flag("confidential");
  consignment.held = in.flag("held-from-start");
  consignment.reason = in.word("reason");
  item.arrived = in.time("arrived");
  item.attempts = in.count("attempts");
  item.next_attempt = in.time("next-attempt");
  item.held = in.flag("held");
  item.delay_told = in.flag("delay-told");
  item.last_answer = in.word("last-answer");
  consignment.envelope = read_envelope(in);
  in.recipients(consignment.envelope.recipients);
  return item;
}

/// The text before the `sum` line, if that line is the last one and right.
std::optional<std::string_view> summed(std::string_view text) {
  constexpr std::size_t sum_line = 4 + 16 + 1;
  if (text.size() < sum_line || text.size() > most_state_octets) return std::nullopt;
  const std::string_view body = text.substr(0, text.size() - sum_line);
  if (text.substr(body.size()) != "sum " + fingerprint_text(body) + "\n") return std::nullopt;
  return body;
}

}  // namespace

std::string fingerprint_text(std::string_view octets) {
  std::uint64_t value = fingerprint(octets);
  std::string bytes(8, '\0');
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8U) bytes[i] = static_cast<char>(value);
  return hex(bytes);
}

std::string write_state(const Item& item) {
  StateWriter out;
  out.word("id", item.id);
  out.side("towards", item.consignment.towards);
  out.flag("confidential", item.consignment.confidential);
  out.flag("held-from-start", item.consignment.held);
  out.word("reason", item.consignment.reason);
  out.time("arrived", item.arrived);
  out.number("attempts", item.attempts);
  out.time("next-attempt", item.next_attempt);
  out.flag("held", item.held);
  out.flag("delay-told", item.delay_told);
  out.word("last-answer", item.last_answer);
  write_envelope(out, item.consignment.envelope);
  for (const mail::Recipient& recipient : item.consignment.envelope.recipients)
    out.recipient(recipient);
  return out.finish();
}

std::optional<Item> read_state(std::string_view text) {
  const auto body = summed(text);
  if (!body || !body->starts_with(version_line)) return std::nullopt;
  StateReader in(body->substr(version_line.size()));
  Item item = read_fields(in);
  if (!in.is_good()) return std::nullopt;
  return item;
}

}  // namespace siegel::spool
