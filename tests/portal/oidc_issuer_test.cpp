// What we ask of an issuer, and what we do with its answers.

#include "gateway/portal/oidc_issuer.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "gateway/portal/form.h"
#include "gateway/portal/oidc_base64url.h"
#include "pki/store_base64.h"
#include "tests/portal/oidc_forge.h"
#include "tests/support/files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using pki::enrol::HttpAnswer;
using pki::enrol::HttpPlace;
using pki::enrol::HttpRequest;
using portal::Errand;
using portal::Issuer;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string issuer_name = "https://login.stadt.example/realms/stadt";
const std::string endpoints = "https://login.stadt.example/oidc/";

HttpAnswer answer(const json& said, int status = 200) {
  return {status, "", "application/json", {}, {}, said.dump()};
}

/// An issuer without a network: a test changes what it says, and sees what it was asked.
class IssuerTest : public testing::Test {
 protected:
  IssuerTest() {
    write_secret(folder_ / "secret", "drei W\xc3\xb6rter: a+b\nzweite Zeile\n");
    we_.settings.issuer = issuer_name;
    we_.settings.client_id = "siegel:1";
    we_.settings.client_secret = folder_ / "secret";
    we_.redirect_uri = "https://dateien.stadt.example/sign-in/oidc";
  }

  HttpAnswer serve(const HttpPlace& place, const HttpRequest& request) {
    EXPECT_EQ(place.host, "login.stadt.example");
    EXPECT_EQ(place.port, 443);
    EXPECT_LE(request.patience, 10s);
    ++asked_[request.path];
    last_ = request;
    if (const auto said = instead_.find(request.path); said != instead_.end()) return said->second;
    if (request.path == "/realms/stadt/.well-known/openid-configuration") return answer(metadata_);
    if (request.path == "/oidc/keys") return answer(jwks_);
    if (request.path == "/oidc/token") return redeem(request);
    if (request.path == "/oidc/userinfo") return user_info(request);
    return {404, "", "", {}, {}, ""};
  }

  HttpAnswer redeem(const HttpRequest& request) {
    token_request_ = request;
    json claims{{"iss", issuer_name},
                {"sub", "4711"},
                {"aud", we_.settings.client_id},
                {"exp", to_unix(clock_.now()) + 300},
                {"iat", to_unix(clock_.now())},
                {"nonce", errand_.nonce}};
    claims.merge_patch(claims_);
    return answer({{"id_token", key_.sign({{"alg", "ES256"}, {"kid", key_id_}}, claims)},
                   {"access_token", access_token_},
                   {"token_type", "Bearer"}});
  }

  HttpAnswer user_info(const HttpRequest& request) const {
    if (request.fields.at("Authorization") != "Bearer " + access_token_)
      return {401, "", "", {}, {}, ""};
    return answer(user_info_);
  }

  portal::Person identify(const Issuer::Return& came = {"the-code", issuer_name}) {
    return issuer_.identify(we_, errand_, came);
  }
  /// What the Error says, whose fault must be this one.
  std::string complaint(Fault fault, const Issuer::Return& came = {"the-code", issuer_name}) {
    try {
      static_cast<void>(identify(came));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      EXPECT_THAT(error.what(), Not(HasSubstr("the-code")));
      EXPECT_THAT(error.what(), Not(HasSubstr(errand_.verifier)));
      return error.what();
    }
    return {};
  }

  TemporaryDirectory folder_;
  ManualClock clock_;
  portal::RelyingParty we_;
  transfer::LinkSecret browser_ = transfer::LinkSecret::make(),
                       state_ = transfer::LinkSecret::make();
  Errand errand_{browser_, state_};
  SigningKey key_ = SigningKey::ec("P-256");
  std::string key_id_ = "k1", access_token_ = "opaque-token";
  json metadata_{{"issuer", issuer_name},
                 {"authorization_endpoint", endpoints + "auth"},
                 {"token_endpoint", endpoints + "token"},
                 {"jwks_uri", endpoints + "keys"},
                 {"userinfo_endpoint", endpoints + "userinfo"},
                 {"authorization_response_iss_parameter_supported", true}};
  json jwks_{{"keys", json::array({key_.jwk("k1")})}};
  json claims_{{"email", "anna@stadt.example"}, {"email_verified", true}};
  json user_info_{{"sub", "4711"}, {"email", "paul@stadt.example"}, {"email_verified", true}};
  std::map<std::string, HttpAnswer> instead_;
  std::map<std::string, int> asked_;
  HttpRequest last_, token_request_;
  Issuer issuer_{clock_, [this](const config::OidcSettings&, const HttpPlace& place,
                                const HttpRequest& request) { return serve(place, request); }};
};

// --- the way there

TEST_F(IssuerTest, TheBrowserTakesTheQuestionAlong) {
  const std::string url = issuer_.sign_in_url(we_, errand_, "de");
  ASSERT_THAT(url, testing::StartsWith(endpoints + "auth?"));
  const auto query = portal::parse_form(url.substr(url.find('?') + 1)).value();
  const std::map<std::string, std::string> wanted{
      {"response_type", "code"},
      {"client_id", "siegel:1"},
      {"redirect_uri", we_.redirect_uri},
      {"scope", "openid email"},
      {"state", state_.text()},
      {"nonce", errand_.nonce},
      {"code_challenge", portal::code_challenge(errand_.verifier)},
      {"code_challenge_method", "S256"},
      {"ui_locales", "de"}};
  for (const auto& [name, value] : wanted) EXPECT_EQ(query.get(name), value) << name;
  EXPECT_EQ(query.size(), wanted.size());
  EXPECT_THAT(url, Not(HasSubstr(errand_.verifier)));
}

TEST_F(IssuerTest, AnEndpointWithAQueryKeepsIt) {
  metadata_["authorization_endpoint"] = endpoints + "auth?tenant=1";
  EXPECT_THAT(issuer_.sign_in_url(we_, errand_, "de"),
              testing::StartsWith(endpoints + "auth?tenant=1&response_type=code"));
}

TEST_F(IssuerTest, AQuestionIsOfOneBrowserAndOneTime) {
  const Errand again(browser_, state_), other_time(browser_, transfer::LinkSecret::make()),
      other_browser(transfer::LinkSecret::make(), state_);
  EXPECT_EQ(again.nonce, errand_.nonce);
  EXPECT_EQ(again.verifier, errand_.verifier);
  for (const Errand* const other : {&other_time, &other_browser}) {
    EXPECT_NE(other->nonce, errand_.nonce);
    EXPECT_NE(other->verifier, errand_.verifier);
  }
  EXPECT_NE(errand_.nonce, errand_.verifier);
  EXPECT_GE(errand_.verifier.size(), 43U) << "RFC 7636 §4.1";
}

// --- the way back

TEST_F(IssuerTest, WhoComesBackIsNamed) {
  const portal::Person person = identify();
  EXPECT_EQ(person.email, "anna@stadt.example");
  EXPECT_TRUE(person.is_verified);
  EXPECT_EQ(asked_["/oidc/userinfo"], 0);
}

TEST_F(IssuerTest, TheCodeIsRedeemedByWhomeverAsked) {
  static_cast<void>(identify());
  const auto form = portal::parse_form(token_request_.body).value();
  EXPECT_EQ(form.get("grant_type"), "authorization_code");
  EXPECT_EQ(form.get("code"), "the-code");
  EXPECT_EQ(form.get("redirect_uri"), we_.redirect_uri);
  EXPECT_EQ(form.get("code_verifier"), errand_.verifier);
  EXPECT_FALSE(form.get("client_secret")) << "it goes into the head";
  // RFC 6749 §2.3.1: encoded as in a form, then joined.
  EXPECT_EQ(token_request_.fields.at("Authorization"),
            "Basic " + pki::to_base64("siegel%3A1:drei%20W%C3%B6rter%3A%20a%2Bb"));
  EXPECT_EQ(token_request_.type, "application/x-www-form-urlencoded");
}

TEST_F(IssuerTest, OnlyTrueIsVerified) {
  for (const json& said : {json(false), json("true"), json(1), json(nullptr)}) {
    claims_["email_verified"] = said;
    EXPECT_FALSE(identify().is_verified) << said;
  }
}

TEST_F(IssuerTest, TheAddressMayBeHadAtTheUserInfoEndpoint) {
  claims_ = json::object();
  EXPECT_EQ(identify().email, "paul@stadt.example");
  EXPECT_EQ(last_.fields.at("Authorization"), "Bearer opaque-token");
}

TEST_F(IssuerTest, TheUserInfoEndpointMustSpeakOfTheSamePerson) {
  claims_ = json::object();
  user_info_["sub"] = "4712";
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("somebody else (sub)"));
}

TEST_F(IssuerTest, AnAccessTokenCannotBreakTheHead) {
  claims_ = json::object();
  access_token_ = "x\r\nHost: other.example";
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("access token"));
  EXPECT_EQ(asked_["/oidc/userinfo"], 0);
}

TEST_F(IssuerTest, WithoutUserInfoThereIsNoAddress) {
  claims_ = json::object();
  metadata_.erase("userinfo_endpoint");
  EXPECT_EQ(identify().email, "");
}

TEST_F(IssuerTest, ClaimsAreChecked) {
  claims_["nonce"] = "another";
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("(nonce)"));
  claims_["nonce"] = errand_.nonce;
  claims_["iss"] = "https://evil.example";
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("(iss)"));
}

TEST_F(IssuerTest, TheSignatureIsChecked) {
  key_ = SigningKey::ec("P-256");  // the set still has the one before
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("signature is wrong"));
}

TEST_F(IssuerTest, WhatIsNoIdTokenIsRefused) {
  instead_["/oidc/token"] = answer({{"access_token", "x"}});
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("three parts"));
  instead_["/oidc/token"] = answer(json::array());
  EXPECT_THAT(complaint(Fault::world), HasSubstr("no JSON object"));
}

// --- RFC 9207

TEST_F(IssuerTest, AnAnswerOfAnotherIssuerIsNotTakenToThisOne) {
  EXPECT_THAT(complaint(Fault::peer, {"the-code", "https://evil.example"}), HasSubstr("(iss)"));
  EXPECT_EQ(asked_["/oidc/token"], 0);
}

TEST_F(IssuerTest, WhoPromisesToNameItselfMustDoSo) {
  EXPECT_THAT(complaint(Fault::peer, {"the-code", {}}), HasSubstr("names no issuer"));
  EXPECT_EQ(asked_["/oidc/token"], 0);
}

TEST_F(IssuerTest, WhoPromisesNothingNeedNotButIsHeard) {
  metadata_.erase("authorization_response_iss_parameter_supported");
  EXPECT_EQ(complaint(Fault::peer, {"the-code", {}}), "");
  EXPECT_THAT(complaint(Fault::peer, {"the-code", "https://evil.example"}), HasSubstr("(iss)"));
}

// --- codes that are refused

TEST_F(IssuerTest, ACodeThatIsNoneIsNotAskedFor) {
  EXPECT_THAT(complaint(Fault::peer, {"", issuer_name}), HasSubstr("no code"));
  EXPECT_THAT(complaint(Fault::peer, {std::string(4097, 'x'), issuer_name}), HasSubstr("no code"));
  EXPECT_EQ(asked_["/oidc/token"], 0);
}

TEST_F(IssuerTest, WhoseFaultARefusalIs) {
  instead_["/oidc/token"] = answer({{"error", "invalid_grant"}}, 400);
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("400 invalid_grant"));
  instead_["/oidc/token"] = answer({{"error", "invalid_client"}}, 401);
  EXPECT_THAT(complaint(Fault::ours), HasSubstr("client_secret"));
  instead_["/oidc/token"] = answer({{"error", "unauthorized_client"}}, 400);
  EXPECT_THAT(complaint(Fault::ours), HasSubstr("client_secret"));
  instead_["/oidc/token"] = {502, "Bad Gateway", "text/html", {}, {}, "<html>"};
  EXPECT_THAT(complaint(Fault::world), HasSubstr("502"));
  instead_["/oidc/token"] = {302, "Found", "", {}, "https://evil.example/", ""};
  EXPECT_THAT(complaint(Fault::world), HasSubstr("302")) << "nobody sends us elsewhere";
}

// --- what the issuer says of itself

TEST_F(IssuerTest, AnotherNameIsAFaultOfTheSettings) {
  metadata_["issuer"] = issuer_name + "/";
  EXPECT_THAT(complaint(Fault::ours), HasSubstr("transfer.oidc.issuer"));
}

TEST_F(IssuerTest, ASlashAtTheEndOfItsNameIsLeftOut) {
  we_.settings.issuer = metadata_["issuer"] = issuer_name + "/";
  EXPECT_THAT(issuer_.sign_in_url(we_, errand_, "en"), testing::StartsWith(endpoints));
}

TEST_F(IssuerTest, EndpointsAreAskedByHttpsOnly) {
  for (const char* const wrong :
       {"http://login.stadt.example/oidc/token", "", "/oidc/token", "https://", "https:///x",
        "https://anna@login.stadt.example/", "https://login.stadt.example/ x",
        "https://login.stadt.example/#x", "https://login.stadt.example:x/", "file:///etc/passwd"}) {
    metadata_["token_endpoint"] = wrong;
    clock_.advance(2h);
    EXPECT_THAT(complaint(Fault::world), HasSubstr("not https")) << wrong;
  }
}

TEST_F(IssuerTest, NoBrowserIsSentWhereItMustNotGo) {
  for (const json& wrong : {json("javascript:alert(1)"), json("http://login.stadt.example/"),
                            json(nullptr), json("https://x.example/\r\nSet-Cookie: a=b")}) {
    metadata_["authorization_endpoint"] = wrong;
    EXPECT_THROW(static_cast<void>(issuer_.sign_in_url(we_, errand_, "de")), Error) << wrong;
  }
}

TEST_F(IssuerTest, WhatIsNoDocumentIsTroubleOfTheIssuer) {
  const std::string document = "/realms/stadt/.well-known/openid-configuration";
  for (const HttpAnswer& wrong :
       {HttpAnswer{200, "", "", {}, {}, "<html>"}, HttpAnswer{200, "", "", {}, {}, ""},
        HttpAnswer{200, "", "", {}, {}, "[]"}, HttpAnswer{500, "", "", {}, {}, "{}"},
        HttpAnswer{301, "", "", {}, "https://evil.example/", "{}"}}) {
    instead_[document] = wrong;
    EXPECT_THAT(complaint(Fault::world), HasSubstr(document)) << wrong.status << wrong.body;
  }
}

// --- what is kept

TEST_F(IssuerTest, DocumentAndKeysAreKeptForAnHour) {
  const std::string document = "/realms/stadt/.well-known/openid-configuration";
  static_cast<void>(identify());
  clock_.advance(59min);
  static_cast<void>(identify());
  EXPECT_EQ(asked_[document], 1);
  EXPECT_EQ(asked_["/oidc/keys"], 1);
  clock_.advance(1min);
  static_cast<void>(identify());
  EXPECT_EQ(asked_[document], 2);
  EXPECT_EQ(asked_["/oidc/keys"], 2);
}

TEST_F(IssuerTest, AClockThatWasSetBackKeepsNothingForEver) {
  static_cast<void>(identify());
  clock_.advance(-24h);
  static_cast<void>(identify());
  EXPECT_EQ(asked_["/oidc/keys"], 2);
}

TEST_F(IssuerTest, ANewKeyIsLookedForOnceAMinute) {
  static_cast<void>(identify());
  key_ = SigningKey::ec("P-256");
  key_id_ = "k2";
  jwks_ = {{"keys", json::array({key_.jwk("k2")})}};
  clock_.advance(59s);
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("(kid)"));
  EXPECT_THAT(complaint(Fault::peer), HasSubstr("(kid)"));
  EXPECT_EQ(asked_["/oidc/keys"], 1);
  clock_.advance(1s);
  EXPECT_EQ(identify().email, "anna@stadt.example");
  EXPECT_EQ(asked_["/oidc/keys"], 2);
}

TEST_F(IssuerTest, AKeyThatIsKnownToNobodyIsAskedForOnce) {
  static_cast<void>(identify());
  key_id_ = "k9";
  clock_.advance(5min);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(complaint(Fault::peer), HasSubstr("(kid)"));
  EXPECT_EQ(asked_["/oidc/keys"], 2);
}

TEST_F(IssuerTest, TroubleIsNotKept) {
  instead_["/oidc/keys"] = {503, "", "", {}, {}, ""};
  EXPECT_THAT(complaint(Fault::world), HasSubstr("503"));
  instead_.clear();
  EXPECT_EQ(identify().email, "anna@stadt.example");
}

TEST_F(IssuerTest, OtherSettingsAreAnotherIssuer) {
  static_cast<void>(identify());
  metadata_["issuer"] = we_.settings.issuer = "https://login.stadt.example";
  instead_["/.well-known/openid-configuration"] = answer(metadata_);
  EXPECT_THAT(complaint(Fault::peer, {"the-code", "https://login.stadt.example"}),
              HasSubstr("(iss)"))
      << "its tokens still bear the old name";
  EXPECT_EQ(asked_["/.well-known/openid-configuration"], 1);
}

// --- settings

std::string settings_complaint(const config::OidcSettings& settings) {
  try {
    Issuer::check(settings);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST_F(IssuerTest, SettingsThatCannotWorkAreRefused) {
  auto settings = we_.settings;
  write_file(folder_ / "none.pem", "no certificate");
  settings.ca_file = folder_ / "none.pem";
  EXPECT_THAT(settings_complaint(settings), HasSubstr("holds no certificate"));
  settings.ca_file = folder_ / "missing.pem";
  EXPECT_THAT(settings_complaint(settings), HasSubstr("missing.pem"));
  settings.client_secret = folder_ / "missing";
  EXPECT_THAT(settings_complaint(settings), HasSubstr("transfer.oidc.client_secret"));
  write_secret(folder_ / "empty", "\nsecret\n");
  settings.client_secret = folder_ / "empty";
  EXPECT_THAT(settings_complaint(settings), HasSubstr("is empty"));
  for (const char* const wrong : {"http://127.0.0.1/", "https://login.stadt.example?a=b",
                                  "https://a;b.example/", "https://"}) {
    settings.issuer = wrong;
    EXPECT_THAT(settings_complaint(settings), HasSubstr("transfer.oidc.issuer")) << wrong;
  }
}

TEST_F(IssuerTest, ItsOriginIsWhatAPolicyCanName) {
  EXPECT_EQ(Issuer::origin(we_.settings), "https://login.stadt.example");
  we_.settings.issuer = "https://login.stadt.example:8443";
  EXPECT_EQ(Issuer::origin(we_.settings), "https://login.stadt.example:8443");
}

}  // namespace
}  // namespace siegel::tests
