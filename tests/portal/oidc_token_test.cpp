// What an ID token may be, and which key may have signed it.

#include "gateway/portal/oidc_token.h"

#include <functional>
#include <vector>

#include <gmock/gmock.h>

#include "base/error.h"
#include "gateway/portal/oidc_base64url.h"
#include "tests/portal/oidc_forge.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using portal::find_algorithm;
using portal::from_base64url;
using portal::IssuerKey;
using portal::IssuerKeys;
using portal::parse_id_token;
using portal::to_base64url;
using ::testing::HasSubstr;

/// What the Error says, or "" if there is none.
std::string complaint(const std::function<void()>& something) {
  try {
    something();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::peer) << error.what();
    return error.what();
  }
  return {};
}

const Time now = *parse_rfc3339("2026-06-01T12:00:00Z");
const portal::ExpectedToken expected{"https://login.stadt.example", "siegel", "n-1", now};

json good_claims() {
  return {{"iss", expected.issuer},        {"sub", "4711"},           {"aud", expected.client_id},
          {"exp", to_unix(now) + 300},     {"iat", to_unix(now) - 1}, {"nonce", expected.nonce},
          {"email", "anna@stadt.example"}, {"email_verified", true}};
}

std::string claims_complaint(const json& change) {
  json claims = good_claims();
  claims.merge_patch(change);  // null takes a claim away
  return complaint([&] { check_claims(claims, expected); });
}

// --- claims

TEST(IdTokenClaims, GoodOnesAreTaken) {
  EXPECT_EQ(claims_complaint(json::object()), "");
}

TEST(IdTokenClaims, AnotherIssuerIsRefused) {
  for (const json& issuer : {json("https://login.stadt.example/"), json("https://evil.example"),
                             json(nullptr), json(json::array({expected.issuer}))})
    EXPECT_THAT(claims_complaint({{"iss", issuer}}), HasSubstr("(iss)")) << issuer;
}

TEST(IdTokenClaims, SomebodyElsesTokenIsRefused) {
  for (const json& audience :
       {json("other"), json(nullptr), json(json::array()), json(json::array({"other"})), json(1),
        json(json::array({json::array({"siegel"})}))})
    EXPECT_THAT(claims_complaint({{"aud", audience}}), HasSubstr("(aud)")) << audience;
  EXPECT_EQ(claims_complaint({{"aud", json::array({"siegel"})}}), "");
}

TEST(IdTokenClaims, SeveralAudiencesNeedOurNameAsTheParty) {
  const json both = json::array({"siegel", "other"});
  EXPECT_THAT(claims_complaint({{"aud", both}}), HasSubstr("(azp)"));
  EXPECT_THAT(claims_complaint({{"aud", both}, {"azp", "other"}}), HasSubstr("(azp)"));
  EXPECT_EQ(claims_complaint({{"aud", both}, {"azp", "siegel"}}), "");
  EXPECT_THAT(claims_complaint({{"azp", "other"}}), HasSubstr("(azp)")) << "also with one";
}

TEST(IdTokenClaims, TimesHaveAMinuteForClocksThatDiffer) {
  const auto at = [](std::chrono::seconds offset) { return json(to_unix(now + offset)); };
  EXPECT_EQ(claims_complaint({{"exp", at(-59s)}}), "");
  EXPECT_THAT(claims_complaint({{"exp", at(-60s)}}), HasSubstr("(exp)"));
  EXPECT_EQ(claims_complaint({{"iat", at(60s)}}), "");
  EXPECT_THAT(claims_complaint({{"iat", at(61s)}}), HasSubstr("(iat)"));
  EXPECT_EQ(claims_complaint({{"iat", at(-16min)}}), "");
  EXPECT_THAT(claims_complaint({{"iat", at(-16min - 1s)}}), HasSubstr("(iat)"));
  EXPECT_EQ(claims_complaint({{"nbf", at(60s)}}), "");
  EXPECT_THAT(claims_complaint({{"nbf", at(61s)}}), HasSubstr("(nbf)"));
}

TEST(IdTokenClaims, TimesAreNumbersWithinReason) {
  for (const json& wrong : {json(nullptr), json("soon"), json(-1), json(1e300), json(true)}) {
    EXPECT_THAT(claims_complaint({{"exp", wrong}}), HasSubstr("(exp)")) << wrong;
    EXPECT_THAT(claims_complaint({{"iat", wrong}}), HasSubstr("(iat)")) << wrong;
  }
  EXPECT_THAT(claims_complaint({{"nbf", "soon"}}), HasSubstr("(nbf)"));
  EXPECT_EQ(claims_complaint({{"exp", static_cast<double>(to_unix(now)) + 0.5}}), "");
}

TEST(IdTokenClaims, TheAnswerToAnotherQuestionIsRefused) {
  for (const json& nonce : {json("n-2"), json(nullptr), json(1), json("")})
    EXPECT_THAT(claims_complaint({{"nonce", nonce}}), HasSubstr("(nonce)")) << nonce;
}

TEST(IdTokenClaims, NobodyIsRefused) {
  EXPECT_THAT(claims_complaint({{"sub", nullptr}}), HasSubstr("(sub)"));
  EXPECT_THAT(claims_complaint({{"sub", ""}}), HasSubstr("(sub)"));
}

// --- the form of a token

std::string form_complaint(const std::string& text) {
  return complaint([&] { static_cast<void>(parse_id_token(text)); });
}

std::string with_header(const json& header) {
  return signing_input(header, good_claims()) + ".c2ln";
}

TEST(IdTokenForm, GoodOneIsTakenApart) {
  const auto token = parse_id_token(with_header({{"alg", "ES256"}, {"kid", "k"}}));
  EXPECT_EQ(token.algorithm, find_algorithm("ES256"));
  EXPECT_EQ(token.key_id, "k");
  EXPECT_EQ(token.claims, good_claims());
  EXPECT_EQ(token.signature, "sig");
  EXPECT_EQ(token.signed_text + ".c2ln", with_header({{"alg", "ES256"}, {"kid", "k"}}));
}

TEST(IdTokenForm, HasThreeParts) {
  const std::string good = with_header({{"alg", "RS256"}});
  EXPECT_EQ(form_complaint(good), "");
  for (const std::string& wrong :
       {std::string(), std::string("."), std::string("a.b"), good + '.', good + ".a.b", '.' + good})
    EXPECT_THAT(form_complaint(wrong), HasSubstr("three parts")) << wrong;
  EXPECT_THAT(form_complaint(".."), HasSubstr("header"));
}

TEST(IdTokenForm, AlgorithmsThatProveNothingAreRefused) {
  for (const json& algorithm :
       {json("none"), json("None"), json("HS256"), json("HS384"), json("HS512"), json("RS1"),
        json("rs256"), json("EdDSA"), json("RSA1_5"), json(""), json(nullptr), json(1)})
    EXPECT_THAT(form_complaint(with_header({{"alg", algorithm}})), HasSubstr("(alg)")) << algorithm;
  EXPECT_THAT(form_complaint(signing_input({{"alg", "none"}}, good_claims()) + '.'),
              HasSubstr("(alg)"));
}

TEST(IdTokenForm, ExtensionsThatMustBeUnderstoodAreRefused) {
  EXPECT_THAT(form_complaint(
                  with_header({{"alg", "RS256"}, {"crit", json::array({"b64"})}, {"b64", false}})),
              HasSubstr("(crit)"));
}

std::string joined(const std::string& header, const std::string& claims) {
  return header + '.' + claims + ".c2ln";
}

TEST(IdTokenForm, PartsAreObjectsInCleanBase64url) {
  const std::string header = to_base64url(R"({"alg":"RS256"})"), claims = to_base64url("{}");
  EXPECT_EQ(form_complaint(joined(header, claims)), "");
  for (const std::string& wrong :
       {std::string(), std::string("e30="), std::string("e3 0"), std::string("e30\n"),
        std::string("e"), std::string("e31"), to_base64url("[]"), to_base64url("{"),
        to_base64url("{} {}"), to_base64url("{\"a\":\"\xff\"}")}) {
    EXPECT_THAT(form_complaint(joined(header, wrong)), HasSubstr("payload")) << wrong;
    EXPECT_THAT(form_complaint(joined(wrong, claims)), HasSubstr("header")) << wrong;
  }
}

TEST(IdTokenForm, SizeAndDepthAreBounded) {
  EXPECT_THAT(form_complaint(std::string(65537, 'a')), HasSubstr("64 KiB"));
  const std::string deep = std::string(20000, '[') + std::string(20000, ']');
  const std::string text =
      to_base64url(R"({"alg":"RS256"})") + '.' + to_base64url("{\"a\":" + deep + "}") + '.';
  EXPECT_THAT(form_complaint(text), HasSubstr("payload"));
}

TEST(Base64url, IsReadInOneFormOnly) {
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(from_base64url("-_8"), "\xfb\xff");
  EXPECT_EQ(from_base64url(""), "");
  for (const char* const wrong : {"+/8", "-_8=", "-_9", "A", "AAAAA", " AAAA", "AAAA\n", "AA AA"})
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
}

// --- keys and signatures

struct SignatureCase {
  std::string algorithm;
  SigningKey key;
};

const std::vector<SignatureCase>& signature_cases() {
  static const std::vector<SignatureCase> cases = [] {
    std::vector<SignatureCase> made;
    for (const char* const name : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
      made.push_back({name, SigningKey::rsa()});
    made.push_back({"ES256", SigningKey::ec("P-256")});
    made.push_back({"ES384", SigningKey::ec("P-384")});
    made.push_back({"ES512", SigningKey::ec("P-521")});
    return made;
  }();
  return cases;
}

bool is_signed_by(const json& jwk, const std::string& text) {
  const auto token = parse_id_token(text);
  const IssuerKey key(jwk);
  return key.fits(*token.algorithm) &&
         key.has_signed(*token.algorithm, token.signed_text, token.signature);
}

TEST(IssuerKeyTest, EachAlgorithmIsVerified) {
  for (const auto& [algorithm, key] : signature_cases()) {
    const json header{{"alg", algorithm}};
    const std::string text = key.sign(header, good_claims());
    EXPECT_TRUE(is_signed_by(key.jwk("k"), text)) << algorithm;
    json others = good_claims();
    others["email"] = "chef@stadt.example";
    const std::string forged = signing_input(header, others) + text.substr(text.rfind('.'));
    EXPECT_FALSE(is_signed_by(key.jwk("k"), forged)) << algorithm;
    EXPECT_FALSE(is_signed_by(key.jwk("k"), text.substr(0, text.rfind('.') + 1))) << algorithm;
    EXPECT_FALSE(is_signed_by(key.jwk("k"), text + "AAAA")) << algorithm;
  }
}

TEST(IssuerKeyTest, EcdsaSignaturesHaveOneLength) {  // RFC 7518 §3.4
  const SigningKey key = SigningKey::ec("P-256");
  const std::string text = key.sign({{"alg", "ES256"}}, good_claims());
  const auto dot = text.rfind('.');
  const std::string pair = from_base64url(text.substr(dot + 1)).value();
  const std::string zero(1, '\0'), longer = zero + pair.substr(0, 32) + zero + pair.substr(32);
  EXPECT_TRUE(is_signed_by(key.jwk("k"), text));
  EXPECT_FALSE(is_signed_by(key.jwk("k"), text.substr(0, dot + 1) + to_base64url(longer)));
}

TEST(IssuerKeyTest, SomebodyElsesSignatureIsWrong) {
  const SigningKey ours = SigningKey::rsa(), theirs = SigningKey::rsa();
  EXPECT_FALSE(is_signed_by(ours.jwk("k"), theirs.sign({{"alg", "RS256"}}, good_claims())));
  const SigningKey our_curve = SigningKey::ec("P-256"), other_curve = SigningKey::ec("P-256");
  EXPECT_FALSE(
      is_signed_by(our_curve.jwk("k"), other_curve.sign({{"alg", "ES256"}}, good_claims())));
}

TEST(IssuerKeyTest, OneKindOfSignatureIsNotTakenForAnother) {
  const SigningKey key = SigningKey::rsa();
  const std::string text = key.sign({{"alg", "RS256"}}, good_claims());
  const std::string renamed = signing_input({{"alg", "PS256"}}, good_claims());
  EXPECT_FALSE(is_signed_by(key.jwk("k"), renamed + text.substr(text.rfind('.'))));
  EXPECT_FALSE(IssuerKey(key.jwk("k")).fits(*find_algorithm("ES256")));
  EXPECT_FALSE(IssuerKey(SigningKey::ec("P-256").jwk("k")).fits(*find_algorithm("RS256")));
  EXPECT_FALSE(IssuerKey(SigningKey::ec("P-384").jwk("k")).fits(*find_algorithm("ES256")));
}

TEST(IssuerKeyTest, ThePublicKeyIsNoSharedSecret) {
  const SigningKey key = SigningKey::rsa();
  const std::string text = sign_by_hmac({{"alg", "HS256"}}, good_claims(), key.public_pem());
  EXPECT_THAT(form_complaint(text), HasSubstr("(alg)"));
  const std::string relabelled = signing_input({{"alg", "RS256"}}, good_claims());
  EXPECT_FALSE(is_signed_by(key.jwk("k"), relabelled + text.substr(text.rfind('.'))));
}

TEST(IssuerKeyTest, KeysForOtherPurposesFitNothing) {
  const json good = SigningKey::rsa().jwk("k");
  const auto fits = [&](const json& change) {
    json jwk = good;
    jwk.merge_patch(change);
    return IssuerKey(jwk).fits(*find_algorithm("RS256"));
  };
  EXPECT_TRUE(fits(json::object()));
  EXPECT_TRUE(fits({{"use", nullptr}}));
  EXPECT_TRUE(fits({{"alg", "RS256"}}));
  EXPECT_TRUE(fits({{"key_ops", json::array({"verify"})}}));
  EXPECT_FALSE(fits({{"use", "enc"}}));
  EXPECT_FALSE(fits({{"alg", "RS512"}}));
  EXPECT_FALSE(fits({{"key_ops", json::array({"encrypt"})}}));
  EXPECT_FALSE(fits({{"key_ops", "verify"}}));
  EXPECT_FALSE(fits({{"kty", "oct"}, {"k", "c2VjcmV0"}}));
}

TEST(IssuerKeyTest, WeakAndBrokenRsaKeysFitNothing) {
  const json good = SigningKey::rsa().jwk("k");
  EXPECT_FALSE(IssuerKey(SigningKey::rsa(1024).jwk("k")).fits(*find_algorithm("RS256")));
  const std::string huge = to_base64url('\xff' + std::string(1500, '\xff'));
  for (const json& change :
       {json{{"e", to_base64url("\1")}}, json{{"e", to_base64url("\2")}}, json{{"e", huge}},
        json{{"n", huge}}, json{{"n", nullptr}}, json{{"n", "!"}}, json{{"e", 3}}}) {
    json jwk = good;
    jwk.merge_patch(change);
    EXPECT_FALSE(IssuerKey(jwk).fits(*find_algorithm("RS256"))) << change;
  }
}

TEST(IssuerKeyTest, PointsThatAreNotOnTheCurveFitNothing) {
  const json good = SigningKey::ec("P-256").jwk("k");
  EXPECT_TRUE(IssuerKey(good).fits(*find_algorithm("ES256")));
  const std::string other = to_base64url(std::string(32, '\1'));
  for (const json& change :
       {json{{"x", other}, {"y", other}}, json{{"y", ""}}, json{{"x", nullptr}},
        json{{"crv", "P-999"}}, json{{"crv", ""}}, json{{"crv", "P-384"}}}) {
    json jwk = good;
    jwk.merge_patch(change);
    for (const char* const algorithm : {"ES256", "ES384"})
      EXPECT_FALSE(IssuerKey(jwk).fits(*find_algorithm(algorithm))) << change;
  }
}

json key_set(const std::vector<json>& keys) {
  return json::object({{"keys", keys}});
}

TEST(IssuerKeysTest, AreFoundByName) {
  const SigningKey rsa = SigningKey::rsa();
  const IssuerKeys keys(
      key_set({rsa.jwk("a"), SigningKey::rsa().jwk("b"), SigningKey::ec("P-256").jwk("c")}));
  const auto& rs256 = *find_algorithm("RS256");
  ASSERT_NE(keys.find("b", rs256), nullptr);
  EXPECT_EQ(keys.find("b", rs256)->id(), "b");
  EXPECT_EQ(keys.find("d", rs256), nullptr);
  EXPECT_EQ(keys.find("c", rs256), nullptr);
  EXPECT_EQ(keys.find("", rs256), nullptr) << "of two it cannot be told which";
  EXPECT_NE(keys.find("", *find_algorithm("ES256")), nullptr) << "of one it can";
}

TEST(IssuerKeysTest, KeysThatAreNotUnderstoodArePassedOver) {
  const json unknown{{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", "a"}};
  const IssuerKeys keys(
      key_set({unknown, nullptr, "key", json::array(), SigningKey::ec("P-256").jwk("a")}));
  EXPECT_NE(keys.find("a", *find_algorithm("ES256")), nullptr);
}

TEST(IssuerKeysTest, WhatIsNoSetIsRefused) {
  for (const json& wrong : {json(), json::array(), json{{"keys", 1}}, json{{"Keys", json::array()}},
                            json{{"keys", std::vector<int>(101)}}})
    EXPECT_THROW(IssuerKeys{wrong}, Error) << wrong;
}

TEST(CodeChallenge, IsThatOfTheRfc) {  // RFC 7636 appendix B
  EXPECT_EQ(portal::code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

}  // namespace
}  // namespace siegel::tests
