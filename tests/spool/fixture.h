#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"
#include "gateway/spool/spool.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace siegel::tests {

inline mail::Recipient recipient(const std::string& address) {
  return {Address::parse(address).value(), {}, {}};
}

/// A consignment of the envelope `id` from anna@stadt.example.
inline spool::Consignment consignment(const std::string& id,
                                      const std::vector<std::string>& recipients,
                                      config::Side towards = config::Side::world) {
  spool::Consignment result;
  result.envelope.id = id;
  result.envelope.side = config::Side::inside;
  result.envelope.received = *parse_rfc3339("2026-06-01T12:00:00Z");
  result.envelope.reverse_path = Address::parse("anna@stadt.example");
  for (const std::string& address : recipients)
    result.envelope.recipients.push_back(recipient(address));
  result.towards = towards;
  result.reason = "a rule";
  return result;
}

inline Octets octets(std::string text) {
  return Octets(Blob(std::move(text)));
}

inline std::vector<std::string> ids(const std::vector<spool::Item>& items) {
  std::vector<std::string> result;
  for (const spool::Item& item : items) result.push_back(item.id);
  return result;
}

/// The message of an item; nothing if there is no such item or somebody has it.
inline std::optional<std::string> message_of(spool::Spool& spool, const std::string& id) {
  const auto claim = spool.claim(id);
  if (!claim) return std::nullopt;
  return std::string(claim->message().view());
}

/// Commits a message of one item per text.
inline void commit(spool::Spool& spool, const std::string& id,
                   const std::vector<std::string>& texts) {
  spool::Consignment first = consignment(id, {"bert@world.example"});
  auto batch = spool.begin(first.envelope);
  for (const std::string& text : texts) batch.add(first, octets(text));
  batch.commit();
}

}  // namespace siegel::tests
