#pragma once

#include <string>
#include <string_view>

#include "gateway/mail/message.h"

namespace siegel::mail {

/// Undoes a transfer encoding piece by piece: all that it gives together is what
/// Entity::decoded_body() gives of all pieces together. Holds at most one line. For one thread.
class BodyDecoder {
 public:
  explicit BodyDecoder(TransferEncoding encoding) : encoding_(encoding) {}

  /// What is certain so far; may be empty.
  [[nodiscard]] std::string take(std::string_view piece);
  /// The rest, once there are no more pieces.
  [[nodiscard]] std::string finish();

 private:
  [[nodiscard]] std::string take_base64(std::string_view piece);
  [[nodiscard]] std::string take_lines(std::string_view piece);

  TransferEncoding encoding_;
  std::string held_;
  bool is_over_ = false;  // base64 ends at its padding
};

}  // namespace siegel::mail
