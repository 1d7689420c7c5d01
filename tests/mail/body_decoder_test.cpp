#include "gateway/mail/body_decoder.h"

#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

using mail::BodyDecoder;
using mail::Entity;
using mail::TransferEncoding;

std::string in_pieces(TransferEncoding encoding, std::string_view body, std::size_t size) {
  BodyDecoder decoder(encoding);
  std::string octets;
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size())))
    octets += decoder.take(body.substr(0, size));
  return octets + decoder.finish();
}

TEST(BodyDecoder, GivesInPiecesWhatTheBodyGivesAsAWhole) {
  const std::string base64 = "QUJD\r\nREVG R0g!=\r\nQUJD", unpadded = "QUJDR\n", crlf = "a\r\nb \n",
                    quoted = "a=3D \t\r\nb=\r\nc=4\r\n=C3=\n=BC  \n\rd =";
  for (const TransferEncoding encoding :
       {TransferEncoding::base64, TransferEncoding::quoted_printable, TransferEncoding::bits8}) {
    for (const std::string& body : {base64, unpadded, crlf, quoted, std::string()}) {
      Entity entity;
      entity.body = body;
      entity.encoding = encoding;
      for (std::size_t size = 1; size <= body.size() + 1; ++size)
        EXPECT_EQ(in_pieces(encoding, body, size), entity.decoded_body()) << body << ", " << size;
    }
  }
}

}  // namespace
}  // namespace siegel::tests
