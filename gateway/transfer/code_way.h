#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"

namespace siegel::transfer {

/// Where the one-time codes of a link go: another mail address, or a telephone.
class CodeWay {
 public:
  /// An address, or an international number (ITU-T E.164: "+" and 7 to 15 digits; blanks, dashes,
  /// dots, slashes and brackets between them do not matter). Nothing for anything else.
  static std::optional<CodeWay> parse(std::string_view text);

  /// The address, or "+" and the digits.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool is_telephone() const noexcept { return text_.starts_with('+'); }
  /// Enough for its owner to know it again, too little for anybody else: "a•••@web.example",
  /// "+49•••17".
  [[nodiscard]] std::string masked() const;
  /// Whom the code is mailed to; a telephone is a name in `sms_domain`. Nothing if it is a
  /// telephone and there is no such domain.
  [[nodiscard]] std::optional<Address> address(const std::string& sms_domain) const;

 private:
  explicit CodeWay(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace siegel::transfer
