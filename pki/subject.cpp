#include "pki/subject.h"

#include <vector>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::pki {
namespace {

constexpr std::size_t octets_limit = 1000;
constexpr std::size_t parts_limit = 20;
constexpr std::string_view special = ",+\"\\<>;=#";

struct Part {
  std::string type, value;
};

Error wrong(const std::string& what) {
  return {Fault::peer,
          "the subject " + what + "; write it like \"C=DE, O=Stadt Beispiel, CN=GRP: Bauamt\""};
}

/// Cuts at each `divider` that no `\` stands before.
std::vector<std::string_view> divided(std::string_view text, char divider) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == divider) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

/// Without blanks around it; one that is escaped belongs to the value.
std::string_view trimmed(std::string_view value) {
  const std::string_view text = ascii::trim(value);
  const bool ends_escaped = text.ends_with('\\') && !text.ends_with("\\\\");
  return ends_escaped && text.data() + text.size() < value.data() + value.size()
             ? std::string_view(text.data(), text.size() + 1)
             : text;
}

std::string unescaped(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && ++i == text.size()) throw wrong("ends with a lone \\");
    value += text[i];
  }
  return value;
}

Part read_part(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    throw wrong("has a part without \"=\": " + printable(ascii::trim(text)));
  return {std::string(ascii::trim(text.substr(0, equals))),
          unescaped(trimmed(text.substr(equals + 1)))};
}

void add(X509_NAME* name, const Part& part) {
  const int nid = OBJ_txt2nid(part.type.c_str());
  if (nid == NID_undef || part.value.empty()) {
    static_cast<void>(drain_openssl_errors());
    throw wrong(part.value.empty() ? "has no value for " + printable(part.type)
                                   : "has a part of the unknown type " + printable(part.type));
  }
  const auto* octets = reinterpret_cast<const unsigned char*>(part.value.data());
  const int done = X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, octets,
                                              static_cast<int>(part.value.size()), -1, 0);
  if (done == 1) return;
  static_cast<void>(drain_openssl_errors());
  throw wrong("has a value that is too long, too short or of the wrong characters for " +
              part.type + ": " + printable(part.value));
}

}  // namespace

NameHandle parse_subject(std::string_view text) {
  if (text.size() > octets_limit) throw wrong("is longer than 1,000 octets");
  if (ascii::trim(text).empty()) throw wrong("is empty");
  const auto parts = divided(text, ',');
  if (parts.size() > parts_limit) throw wrong("has more than 20 parts");
  NameHandle name(checked(X509_NAME_new(), "X509_NAME_new"));
  for (const std::string_view part : parts) add(name.get(), read_part(part));
  return name;
}

std::string subject_text(const X509_NAME* name) {
  std::string text;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (size < 0 || nid == NID_undef) return {};
    const std::string value(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    text +=
        (i == 0 ? "" : ", ") + std::string(OBJ_nid2sn(nid)) + '=' + escaped_subject_value(value);
  }
  return text;
}

std::string escaped_subject_value(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool is_outer_blank = value[i] == ' ' && (i == 0 || i + 1 == value.size());
    if (is_outer_blank || special.find(value[i]) != std::string_view::npos) text += '\\';
    text += value[i];
  }
  return text;
}

}  // namespace siegel::pki
