#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "config/config.h"
#include "pki/cryptoki.h"
#include "pki/private_key.h"

namespace siegel::pki {

/// A PKCS#11 token (an HSM, SoftHSM) in which private keys are made and used and which they never
/// leave. Keys are named by RFC 7512 URIs, `pkcs11:token=…;id=%…;type=private`, never with a PIN.
/// Thread-safe; its keys sign and decrypt in many threads at once.
class Token {
 public:
  /// The token that `settings` name. It is opened and logged in at the first call, and stays so
  /// until the process ends, because the state of PKCS#11 is the process's: a login made here holds
  /// for all keys, and none of them may outlive it. Throws Error{ours} that says what to mend; a
  /// PIN that was refused is not tried again, since a token locks itself after a few wrong ones.
  static Token& of(const config::TokenSettings& settings);

  /// The same where a configuration may name none. Throws Error{ours} if it does.
  static Token& of(const std::optional<config::TokenSettings>& settings);

  /// Makes a key in the token: sensitive, not extractable, for signing and decryption. `label` is
  /// what the tools of the token show (a mailbox, for instance); it need not be unique.
  [[nodiscard]] PrivateKey generate(KeyType type, const std::string& label);
  /// The key that `uri` names by `id` or `object` (its label). Throws Error{ours} if that is no URI
  /// of this kind, names another token, no key or several.
  [[nodiscard]] PrivateKey open(const std::string& uri);
  /// Takes the key out of the token for ever, with its public half. False if it is not there; else
  /// throws Error{ours} as open() does.
  bool destroy(const std::string& uri);

  /// A private key in the token, whoever made it.
  struct Held {
    std::string id;  ///< hexadecimal
    std::string uri, label;
    std::string type;  ///< "rsa-3072"; empty if it is of a kind that we do not know
  };
  /// All that have an id, by id.
  [[nodiscard]] std::vector<Held> list() const;

  /// Throws Error{world} if the token does not answer or has forgotten the login.
  void demand_ready() const;

 private:
  friend class Tokens;
  /// A token that has taken the PIN.
  struct Unlocked {
    cryptoki::Module module;
    cryptoki::Module::Slot slot;
    std::unique_ptr<const cryptoki::Session> login;  // while it is open the process is logged in
  };

  explicit Token(Unlocked unlocked) : token_(std::move(unlocked)) {}
  [[nodiscard]] std::string uri_of(const std::string& id) const;
  [[nodiscard]] std::string id_of(const std::string& uri) const;
  [[nodiscard]] PrivateKey load(const std::string& id);

  const Unlocked token_;
  // By id. The engine lists all keys of the token for each that it opens.
  Guarded<std::map<std::string, PrivateKey>> opened_;
};

}  // namespace siegel::pki
