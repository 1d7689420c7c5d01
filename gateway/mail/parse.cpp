#include "gateway/mail/parse.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <mutex>

#include <gmime/gmime.h>
#include <iconv.h>

#include "base/ascii.h"
#include "base/handle.h"

namespace siegel::mail::parse {
namespace {

// Deeper than any tree that we accept: what lies below has been refused already.
constexpr std::size_t level_limit = 40;

template <typename T>
using Object = Handle<T, g_object_unref>;
using Text = Handle<char, g_free>;
using ParserOptions = Handle<GMimeParserOptions, g_mime_parser_options_free>;

void start_once() {
  static std::once_flag started;
  std::call_once(started, [] { g_mime_init(); });
}

/// Raw octets above 127 are UTF-8 (RFC 6532 §3) or nothing: guessing other character sets would
/// give two readers two texts.
const ParserOptions& options() {
  static const ParserOptions shared = [] {
    ParserOptions made(g_mime_parser_options_new());
    // GMime only reads the list.
    const char* charsets[] = {"utf-8", nullptr};  // NOLINT(*-avoid-c-arrays): GMime's interface
    g_mime_parser_options_set_fallback_charsets(made.get(), static_cast<const char**>(charsets));
    return made;
  }();
  return shared;
}

/// A parser over borrowed octets: GMime keeps positions in them, and no copy.
class BorrowingParser {
 public:
  explicit BorrowingParser(std::string_view octets) {
    // GByteArray counts in 32 bits; nothing near that is accepted by SMTP (config::Limits).
    if (octets.size() > std::numeric_limits<guint>::max()) return;
    array_.data = reinterpret_cast<guint8*>(const_cast<char*>(octets.data()));
    array_.len = static_cast<guint>(octets.size());
    Object<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream.get()), &array_);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream.get()), FALSE);
    parser_.reset(g_mime_parser_new_with_stream(stream.get()));
    g_mime_parser_set_persist_stream(parser_.get(), TRUE);
  }

  [[nodiscard]] Object<GMimeMessage> message() const {
    if (!parser_) return {};
    return Object<GMimeMessage>(g_mime_parser_construct_message(parser_.get(), options().get()));
  }

 private:
  GByteArray array_{};
  Object<GMimeParser> parser_;
};

/// Turns GMime's object tree into Outlines, checking each offset against the octets.
class Tracer {
 public:
  explicit Tracer(std::string_view octets) : octets_(octets) {}

  [[nodiscard]] Outline trace_message(GMimeMessage* message, std::size_t level) const {
    GMimeObject* const part = g_mime_message_get_mime_part(message);
    Outline traced;
    if (part != nullptr) traced = trace(part, level);
    // GMime keeps the Content-* fields with the part and all others with the message.
    add_fields(GMIME_OBJECT(message), traced.fields);
    return traced;
  }

 private:
  [[nodiscard]] Outline trace(GMimeObject* object, std::size_t level) const {
    Outline traced;
    add_fields(object, traced.fields);
    if (GMIME_IS_PART(object)) traced.content = content(GMIME_PART(object));
    if (GMIME_IS_MULTIPART(object)) traced.kind = Outline::Kind::multipart;
    if (GMIME_IS_MESSAGE_PART(object)) traced.kind = Outline::Kind::message;
    if (level >= level_limit) return traced;

    if (traced.kind == Outline::Kind::multipart) {
      auto* const multipart = GMIME_MULTIPART(object);
      const int count = g_mime_multipart_get_count(multipart);
      for (int i = 0; i < count; ++i)
        traced.parts.push_back(trace(g_mime_multipart_get_part(multipart, i), level + 1));
    }
    if (traced.kind == Outline::Kind::message) {
      GMimeMessage* const inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      if (inner != nullptr) traced.parts.push_back(trace_message(inner, level + 1));
    }
    return traced;
  }

  void add_fields(GMimeObject* object, std::vector<std::size_t>& fields) const {
    GMimeHeaderList* const list = g_mime_object_get_header_list(object);
    const int count = g_mime_header_list_get_count(list);
    for (int i = 0; i < count; ++i)
      fields.push_back(checked_offset(g_mime_header_list_get_header_at(list, i)));
    std::ranges::sort(fields);
  }

  [[nodiscard]] std::size_t checked_offset(GMimeHeader* header) const {
    const gint64 offset = g_mime_header_get_offset(header);
    if (offset < 0 || static_cast<std::size_t>(offset) >= octets_.size()) return no_offset;
    const auto at = static_cast<std::size_t>(offset);
    const std::string_view name = g_mime_header_get_name(header);
    return ascii::starts_ignoring_case(octets_.substr(at), name) ? at : no_offset;
  }

  [[nodiscard]] static std::optional<Outline::Range> content(GMimePart* part) {
    GMimeDataWrapper* const wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return std::nullopt;
    const GMimeStream* const stream = g_mime_data_wrapper_get_stream(wrapper);
    if (stream == nullptr || stream->bound_start < 0 || stream->bound_end < stream->bound_start)
      return std::nullopt;
    return Outline::Range{static_cast<std::size_t>(stream->bound_start),
                          static_cast<std::size_t>(stream->bound_end)};
  }

  std::string_view octets_;
};

/// GMime's own parser unfolds a field before it reads it; its functions for one field do not.
std::string unfolded(std::string_view body) {
  std::string text(body);
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  return text;
}

Parameters to_parameters(GMimeParamList* list) {
  Parameters parameters;
  const int count = list == nullptr ? 0 : g_mime_param_list_length(list);
  for (int i = 0; i < count; ++i) {
    GMimeParam* const param = g_mime_param_list_get_parameter_at(list, i);
    const char* const value = g_mime_param_get_value(param);
    parameters.emplace_back(ascii::lower(g_mime_param_get_name(param)),
                            value == nullptr ? "" : value);
  }
  return parameters;
}

void collect(InternetAddressList* list, std::size_t level, std::vector<std::string>& found) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    InternetAddress* const address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      const char* const spec = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
      found.emplace_back(spec == nullptr ? "" : spec);
    } else if (level < level_limit) {
      collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), level + 1,
              found);
    }
  }
}

/// One use of iconv, under the names of character sets that GMime knows.
class Conversion {
 public:
  explicit Conversion(const std::string& charset)
      : descriptor_(g_mime_iconv_open("utf-8", charset.c_str())) {}
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;
  ~Conversion() {
    if (is_known()) g_mime_iconv_close(descriptor_);
  }

  [[nodiscard]] bool is_known() const {
    return descriptor_ != reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr) POSIX
  }

  [[nodiscard]] std::string convert(std::string_view octets) const {
    std::string converted;
    auto* in = const_cast<char*>(octets.data());  // iconv's interface; it only reads
    std::size_t left = octets.size();
    while (left > 0) {
      std::array<char, 256> buffer{};
      char* out = buffer.data();
      std::size_t room = buffer.size();
      const std::size_t before = left;
      const bool is_stuck = ::iconv(descriptor_, &in, &left, &out, &room) == no_offset &&
                            before == left && room == buffer.size();
      converted.append(buffer.data(), buffer.size() - room);
      if (!is_stuck) continue;
      converted += "\xEF\xBF\xBD";  // U+FFFD
      ++in;
      --left;
    }
    return converted;
  }

 private:
  iconv_t descriptor_;
};

}  // namespace

std::optional<Outline> outline(std::string_view octets) {
  start_once();
  const BorrowingParser parser(octets);
  const auto message = parser.message();
  if (!message) return std::nullopt;
  return Tracer(octets).trace_message(message.get(), 0);
}

std::optional<MediaType> media_type(std::string_view body) {
  start_once();
  const std::string text = unfolded(body);
  const Object<GMimeContentType> parsed(g_mime_content_type_parse(options().get(), text.c_str()));
  if (!parsed) return std::nullopt;
  return MediaType{ascii::lower(g_mime_content_type_get_media_type(parsed.get())),
                   ascii::lower(g_mime_content_type_get_media_subtype(parsed.get())),
                   to_parameters(g_mime_content_type_get_parameters(parsed.get()))};
}

Parameters disposition_parameters(std::string_view body) {
  start_once();
  const std::string text = unfolded(body);
  const Object<GMimeContentDisposition> parsed(
      g_mime_content_disposition_parse(options().get(), text.c_str()));
  if (!parsed) return {};
  return to_parameters(g_mime_content_disposition_get_parameters(parsed.get()));
}

std::optional<std::string> to_utf8(const std::string& charset, std::string_view octets) {
  start_once();
  const Conversion conversion(charset);
  if (!conversion.is_known()) return std::nullopt;
  return conversion.convert(octets);
}

std::vector<std::string> addresses(const std::string& body) {
  start_once();
  const Object<InternetAddressList> list(
      internet_address_list_parse(options().get(), body.c_str()));
  std::vector<std::string> found;
  collect(list.get(), 0, found);
  return found;
}

}  // namespace siegel::mail::parse
