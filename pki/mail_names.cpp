#include "pki/mail_names.h"

#include <algorithm>
#include <optional>

#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "base/handle.h"
#include "pki/asn1.h"

namespace siegel::pki {
namespace {

constexpr std::size_t names_limit = 500;

using GeneralNames = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

bool is_international(std::string_view text) {
  return std::ranges::any_of(text, ascii::is_8bit);
}

void take(MailNames& names, std::string_view text) {
  const auto address = Address::parse(text);
  // What Address had to rewrite in the local part (quotes) reads differently elsewhere.
  const bool clean = address && text.starts_with(address->local() + '@');
  if (!clean || names.addresses.size() >= names_limit) {
    names.unclean = true;
    return;
  }
  if (std::ranges::find(names.addresses, *address) == names.addresses.end())
    names.addresses.push_back(*address);
}

// RFC 5280 §4.2.1.6: rfc822Name is an IA5String; octets above 127 have no meaning in it.
void take_rfc822(MailNames& names, const ASN1_IA5STRING* name) {
  const std::string_view text = octets_of(name);
  if (is_international(text)) {
    names.unclean = true;
  } else {
    take(names, text);
  }
}

// RFC 9598 §3: a UTF8String, used only for local parts that are not all ASCII.
void take_smtp_utf8(MailNames& names, const ASN1_TYPE* value) {
  if (ASN1_TYPE_get(value) != V_ASN1_UTF8STRING) {
    names.unclean = true;
    return;
  }
  const std::string_view text = octets_of(value->value.utf8string);
  if (is_international(text.substr(0, text.rfind('@')))) {
    take(names, text);
  } else {
    names.unclean = true;
  }
}

bool is_smtp_utf8(const OTHERNAME* name) {
  return OBJ_obj2nid(name->type_id) == NID_id_on_SmtpUTF8Mailbox;
}

// True if it holds a mail name, be it clean or not.
bool take_all(MailNames& names, const GENERAL_NAMES* all) {
  bool found = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_EMAIL) {
      take_rfc822(names, name->d.rfc822Name);
      found = true;
    } else if (name->type == GEN_OTHERNAME && is_smtp_utf8(name->d.otherName)) {
      take_smtp_utf8(names, name->d.otherName->value);
      found = true;
    }
  }
  return found;
}

bool take_alternative_names(MailNames& names, const X509* x509) {
  int state = 0;
  const GeneralNames all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, &state, nullptr)));
  if (!all) {
    names.unclean = state != -1;  // -1: there is none; else it is broken or there are two
    return names.unclean;
  }
  return take_all(names, all.get());
}

// RFC 5280 §4.1.2.6: emailAddress in the subject is an IA5String; CAs also wrote UTF8String.
void take_subject(MailNames& names, const X509* x509) {
  const X509_NAME* subject = X509_get_subject_name(x509);
  int at = -1;
  while ((at = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, at)) >= 0) {
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    const int type = ASN1_STRING_type(value);
    if (type == V_ASN1_IA5STRING || type == V_ASN1_UTF8STRING || type == V_ASN1_PRINTABLESTRING) {
      take_rfc822(names, value);
    } else {
      names.unclean = true;
    }
  }
}

}  // namespace

MailNames mail_names(const X509* x509) {
  MailNames names;
  if (!take_alternative_names(names, x509)) take_subject(names, x509);
  return names;
}

MailNames mail_names(const GENERAL_NAMES* names) {
  MailNames found;
  take_all(found, names);
  return found;
}

}  // namespace siegel::pki
