#include "pki/token_engine.h"

// Debian 12 has no provider for PKCS#11, only the engine; OpenSSL 3.0 calls its whole engine API
// deprecated and has no other way to use one. It is used in this file and nowhere else.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <openssl/engine.h>

#include "base/guarded.h"
#include "pki/openssl.h"

namespace siegel::pki {
namespace {

using EngineHandle = Handle<ENGINE, ENGINE_free>;

// LIST_ADD 0: known to nobody but us, or OpenSSL would stop it at the end of the process, while
// keys are still alive. The folder is given, since the environment could name another.
EngineHandle find_engine() {
  ENGINE_load_dynamic();
  EngineHandle engine(ENGINE_by_id("dynamic"));
  const char* const folder = OPENSSL_info(OPENSSL_INFO_ENGINES_DIR);
  const bool is_loaded = engine && ENGINE_ctrl_cmd_string(engine.get(), "ID", "pkcs11", 0) == 1 &&
                         ENGINE_ctrl_cmd_string(engine.get(), "LIST_ADD", "0", 0) == 1 &&
                         ENGINE_ctrl_cmd_string(engine.get(), "DIR_LOAD", "2", 0) == 1 &&
                         ENGINE_ctrl_cmd_string(engine.get(), "DIR_ADD", folder, 0) == 1 &&
                         ENGINE_ctrl_cmd_string(engine.get(), "LOAD", nullptr, 0) == 1;
  if (is_loaded) return engine;
  throw Error(Fault::ours,
              "OpenSSL's engine for PKCS#11 is missing; install libengine-pkcs11-openssl",
              drain_openssl_errors());
}

/// The one engine of the process. It cannot be loaded twice.
class Loaded {
 public:
  void start(const std::filesystem::path& module, const std::string& pin) {
    if (engine_ == nullptr) start(module);
    if (module != module_) {
      throw Error(Fault::ours, "this process works with the PKCS#11 library " + module_.string() +
                                   " already; start it anew to use another");
    }
    // The engine wants one, and finds that the process is logged in.
    checked(ENGINE_ctrl_cmd_string(engine_, "PIN", pin.c_str(), 0), "engine command PIN");
  }
  EVP_PKEY* load(const std::string& uri) {
    return ENGINE_load_private_key(engine_, uri.c_str(), nullptr, nullptr);
  }

 private:
  void start(const std::filesystem::path& module) {
    EngineHandle engine = find_engine();
    if (ENGINE_ctrl_cmd_string(engine.get(), "MODULE_PATH", module.c_str(), 0) != 1 ||
        ENGINE_init(engine.get()) != 1) {
      throw Error(Fault::ours,
                  "OpenSSL's engine for PKCS#11 does not start; start this process anew",
                  drain_openssl_errors());
    }
    engine_ = engine.release();
    module_ = module;
  }

  ENGINE* engine_ = nullptr;
  std::filesystem::path module_;
};

Guarded<Loaded>& loaded() {
  static auto* const engine = new Guarded<Loaded>;
  return *engine;
}

}  // namespace

void start_token_engine(const std::filesystem::path& module, const std::string& pin) {
  loaded().with([&](Loaded& engine) { engine.start(module, pin); });
}

EVP_PKEY* load_token_key(const std::string& uri) {
  EVP_PKEY* const key = loaded().with([&](Loaded& engine) { return engine.load(uri); });
  if (key != nullptr) return key;
  throw Error(Fault::ours, "a private key cannot be used in its token; check the token",
              uri + ": " + drain_openssl_errors());
}

}  // namespace siegel::pki
