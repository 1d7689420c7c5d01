#include <set>

#include <openssl/crypto.h>

#include "pki/asn1.h"
#include "pki/private_file.h"
#include "pki/token.h"
#include "pki/token_engine.h"

namespace siegel::pki {
namespace {

/// The PIN while it is needed.
class Pin {
 public:
  explicit Pin(const std::filesystem::path& path) {
    const PrivateFile file{"the file of the token's PIN", path,
                           "check `token.pin` in siegel.yaml and write the PIN there"};
    const Secret all = file.read();
    text_ = all.octets().substr(0, all.octets().find_first_of("\r\n"));
    if (text_.empty()) throw file.error("is empty; its first line must be the PIN");
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() { OPENSSL_cleanse(text_.data(), text_.size()); }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

Error refused_pin() {
  return {Fault::ours,
          "the token refuses the PIN; write the right one into the file that `token.pin` in "
          "siegel.yaml names (a wrong one is not tried twice, or the token would lock itself)"};
}

// The next wrong PIN would lock the token: that risk is a person's to take.
void demand_tries(const CK_TOKEN_INFO& token) {
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0)
    throw Error(Fault::ours, "the token is locked; its security officer must unlock it");
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0)
    throw Error(Fault::ours,
                "the token has one try for its PIN left; log in once with the tool of its maker");
}

}  // namespace

/// All tokens of the process, and the PINs that they have refused.
class Tokens {
 public:
  Token& of(const config::TokenSettings& settings) {
    auto& token = opened_[settings.module.string() + '\n' + settings.label.value_or("")];
    if (!token) token = open(settings);
    return *token;
  }

 private:
  std::unique_ptr<Token> open(const config::TokenSettings& settings) {
    const Pin pin(settings.pin);
    const cryptoki::Module module(settings.module);
    const auto slot = module.find(settings.label);
    auto login = std::make_unique<const cryptoki::Session>(module, slot.id);
    log_in(*login, slot, pin);
    start_token_engine(settings.module, pin.text());
    return std::unique_ptr<Token>(new Token({module, slot, std::move(login)}));
  }

  void log_in(const cryptoki::Session& session, const cryptoki::Module::Slot& slot,
              const Pin& pin) {
    const std::string attempt = slot.label() + '\n' + sha256_hex(pin.text());
    if (refused_.contains(attempt)) throw refused_pin();
    demand_tries(slot.about);
    const CK_RV rv = session.log_in(pin.text());
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) return;
    if (rv != CKR_PIN_INCORRECT && rv != CKR_PIN_LEN_RANGE && rv != CKR_PIN_INVALID)
      throw cryptoki::failure(rv, "C_Login");
    refused_.insert(attempt);
    throw refused_pin();
  }

  std::map<std::string, std::unique_ptr<Token>> opened_;
  std::set<std::string> refused_;  // token and digest of the PIN
};

Token& Token::of(const config::TokenSettings& settings) {
  // Never destroyed: keys in other objects of the same life use it.
  static auto* const tokens = new Guarded<Tokens>;
  return tokens->with([&](Tokens& all) -> Token& { return all.of(settings); });
}

Token& Token::of(const std::optional<config::TokenSettings>& settings) {
  if (settings) return of(*settings);
  throw Error(Fault::ours, "the set-up is broken",
              "a private key lives in a PKCS#11 token, and siegel.yaml names none; write the "
              "section `token` with `module` and `pin`");
}

}  // namespace siegel::pki
