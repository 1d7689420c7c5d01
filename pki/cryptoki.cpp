#include "pki/cryptoki.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <p11-kit/p11-kit.h>

namespace siegel::pki::cryptoki {
namespace {

Error broken(const std::string& what_to_do, std::string detail = {}) {
  return {Fault::ours, what_to_do, std::move(detail)};
}

// What PKCS#11 takes: it changes none of what these point at.
std::vector<CK_ATTRIBUTE> raw(const Attributes& attributes) {
  std::vector<CK_ATTRIBUTE> result;
  result.reserve(attributes.size());
  for (const Attribute& attribute : attributes) {
    result.push_back(
        {attribute.type, const_cast<char*>(attribute.octets.data()), attribute.octets.size()});
  }
  return result;
}

std::string named(const std::vector<Module::Slot>& slots) {
  std::string names;
  for (const Module::Slot& slot : slots) names += (names.empty() ? "" : ", ") + slot.label();
  return names.empty() ? "it has none" : "it has: " + names;
}

CK_FUNCTION_LIST* load(const std::filesystem::path& library) {
  CK_FUNCTION_LIST* const calls =
      p11_kit_module_load(library.c_str(), P11_KIT_MODULE_UNMANAGED | P11_KIT_MODULE_CRITICAL);
  if (calls != nullptr) return calls;
  const char* const why = p11_kit_message();
  throw broken("the PKCS#11 library " + library.string() +
                   " cannot be loaded; check `token.module` in siegel.yaml and that the token's "
                   "software is installed",
               why == nullptr ? "" : why);
}

}  // namespace

Error failure(CK_RV rv, std::string_view what) {
  return broken("the token does not do what it is asked; check that it is there and works",
                std::string(what) + ": " + p11_kit_strerror(rv));
}

std::string octets_of(CK_ULONG number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}
std::string yes() {
  return std::string(1, static_cast<char>(CK_TRUE));
}
std::string no() {
  return std::string(1, static_cast<char>(CK_FALSE));
}

// --- the library

// PKCS#11 §3.2: 32 octets, filled up with blanks.
std::string Module::Slot::label() const {
  std::string text(reinterpret_cast<const char*>(about.label), sizeof about.label);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

Module::Module(const std::filesystem::path& library) : calls_(load(library)) {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV rv = calls_->C_Initialize(&arguments);
  if (rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) return;
  throw broken(
      "the PKCS#11 library " + library.string() + " does not start; check its own configuration",
      std::string("C_Initialize: ") + p11_kit_strerror(rv));
}

std::vector<Module::Slot> Module::slots() const {
  std::array<CK_SLOT_ID, 256> ids{};
  CK_ULONG count = ids.size();
  demand(calls_->C_GetSlotList(CK_TRUE, ids.data(), &count), "C_GetSlotList");
  std::vector<Slot> found;
  for (std::size_t i = 0; i < count; ++i) {
    CK_TOKEN_INFO about{};
    if (calls_->C_GetTokenInfo(ids.at(i), &about) != CKR_OK) continue;
    if ((about.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    found.push_back({ids.at(i), about});
  }
  return found;
}

Module::Slot Module::find(const std::optional<std::string>& label) const {
  const std::vector<Slot> all = slots();
  std::vector<Slot> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found),
               [&](const Slot& slot) { return !label || slot.label() == *label; });
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw broken(
        "the PKCS#11 library has no token" + (label ? " \"" + *label + '"' : "") +
        " that is set up (" + named(all) +
        "); set one up with the tool of its maker, and check `token.label` in siegel.yaml");
  }
  throw broken("the PKCS#11 library has several tokens (" + named(found) +
               "); give them different labels and name one as `token.label` in siegel.yaml");
}

// --- a session

Session::Session(const Module& module, CK_SLOT_ID slot) : calls_(module.calls()) {
  demand(
      calls_.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle_),
      "C_OpenSession");
}

Session::~Session() {
  calls_.C_CloseSession(handle_);
}

CK_RV Session::log_in(std::string pin) const {
  const CK_RV rv =
      calls_.C_Login(handle_, CKU_USER, reinterpret_cast<unsigned char*>(pin.data()), pin.size());
  OPENSSL_cleanse(pin.data(), pin.size());
  return rv;
}

bool Session::is_logged_in() const {
  CK_SESSION_INFO about{};
  return calls_.C_GetSessionInfo(handle_, &about) == CKR_OK && about.state == CKS_RW_USER_FUNCTIONS;
}

void Session::generate(CK_MECHANISM_TYPE mechanism, const Attributes& open,
                       const Attributes& hidden) const {
  CK_MECHANISM how{mechanism, nullptr, 0};
  auto of_public = raw(open);
  auto of_private = raw(hidden);
  CK_OBJECT_HANDLE public_key = 0;
  CK_OBJECT_HANDLE private_key = 0;
  demand(calls_.C_GenerateKeyPair(handle_, &how, of_public.data(), of_public.size(),
                                  of_private.data(), of_private.size(), &public_key, &private_key),
         "C_GenerateKeyPair");
}

std::vector<CK_OBJECT_HANDLE> Session::find(const Attributes& like) const {
  auto wanted = raw(like);
  demand(calls_.C_FindObjectsInit(handle_, wanted.data(), wanted.size()), "C_FindObjectsInit");
  std::vector<CK_OBJECT_HANDLE> found;
  std::array<CK_OBJECT_HANDLE, 64> some{};
  CK_ULONG count = 0;
  CK_RV rv = CKR_OK;
  do {
    rv = calls_.C_FindObjects(handle_, some.data(), some.size(), &count);
    if (rv != CKR_OK) break;
    found.insert(found.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  } while (count > 0);
  demand(calls_.C_FindObjectsFinal(handle_), "C_FindObjectsFinal");
  demand(rv, "C_FindObjects");
  return found;
}

std::string Session::read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  std::string octets(1024, '\0');
  CK_ATTRIBUTE attribute{type, octets.data(), octets.size()};
  demand(calls_.C_GetAttributeValue(handle_, object, &attribute, 1), "C_GetAttributeValue");
  octets.resize(attribute.ulValueLen);
  return octets;
}

void Session::destroy(CK_OBJECT_HANDLE object) const {
  demand(calls_.C_DestroyObject(handle_, object), "C_DestroyObject");
}

}  // namespace siegel::pki::cryptoki
