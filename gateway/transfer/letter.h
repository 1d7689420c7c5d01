#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/blob.h"
#include "base/time.h"
#include "gateway/mail/envelope.h"
#include "gateway/transfer/blob_store.h"
#include "gateway/transfer/outbox.h"

namespace siegel::transfer {

/// What a mail of ours says, in one language.
struct Letter {
  std::string subject{};
  std::vector<std::string> paragraphs{};
  std::vector<std::pair<std::string, std::string>> facts{};  ///< "Valid until": "2026-12-06"
  std::string quoted{};                                      ///< what a person wrote; or empty
  std::string link_label{}, link{};                          ///< both or none
  std::vector<std::string> last{};                           ///< paragraphs behind the link
};

/// The same HTML in US-ASCII, so that it can be put into a document of almost any character set.
[[nodiscard]] std::string ascii_html(std::string_view html);

/// One wording that says the same in German and in English, as text and as simple HTML.
[[nodiscard]] Wording bilingual(const Letter& german, const Letter& english);
/// The same, and below both what a person wrote, once.
[[nodiscard]] Wording bilingual(const Letter& german, const Letter& english,
                                const std::string& written);

/// The whole message: multipart/alternative or, without HTML, plain text, within multipart/mixed if
/// there are enclosures, which are read from `store`; `Auto-Submitted: auto-generated` (RFC 3834
/// §5) unless a person answers. Its Message-ID is made of `id`: the same in each try, so that two
/// that arrive are known as one. Throws Error if an enclosure cannot be read.
[[nodiscard]] Blob write_mail(const Outbox::Waiting& waiting, const std::string& our_name, Time now,
                              const BlobStore& store);
/// As the mailbox itself would send it, so that the relay signs it.
[[nodiscard]] mail::Envelope envelope_of(const Mail& mail, const std::string& our_name, Time now);

}  // namespace siegel::transfer
