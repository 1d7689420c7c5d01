#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gateway/transfer/code_way.h"
#include "gateway/transfer/letters.h"

/// What our mails say of messages that are delivered by pickup. None of them holds a word of the
/// message itself, nor its subject.
namespace siegel::transfer::letters {

/// How a recipient shows that it is he.
struct Proof {
  std::string recipient;
  std::string password{};             ///< to be told him by other means; empty if he gets codes
  std::optional<CodeWay> code_way{};  ///< where his codes go
};

/// To a recipient: his link.
[[nodiscard]] Wording message_for_you(const House& house, const Parcel& parcel,
                                      const std::string& secret, const Proof& proof);

/// Why a wish of the sender for codes was not followed.
enum class CodesRefused { several_recipients, several_fields, no_way, same_address };
/// To the sender: who has got a link, and which password he is to be told.
[[nodiscard]] Wording tell_passwords(const House& house, const Parcel& parcel,
                                     const std::vector<Proof>& proofs,
                                     std::optional<CodesRefused> refused);
/// To the sender: a recipient has opened his message, for the first time.
[[nodiscard]] Wording message_read(const House& house, const Parcel& parcel,
                                   const std::string& recipient);
/// To the second address; plain text alone, and short, for a telephone.
[[nodiscard]] Wording code(const House& house, const CodeWay& way, const std::string& code,
                           std::chrono::minutes life);

/// To the sender: what a recipient has answered on the page. REQUIRES: an answer.
[[nodiscard]] Wording answer(const House& house, const Parcel& answer);
/// To the sender: there was an answer, and his mailbox did not take it, or it was damaged here.
[[nodiscard]] Wording answer_lost(const House& house, const Parcel& answer, const std::string& why);

}  // namespace siegel::transfer::letters
