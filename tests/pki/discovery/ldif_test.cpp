#include "pki/discovery/ldif.h"

#include <gmock/gmock.h>

#include "pki/discovery/ldap.h"
#include "tests/pki/discovery/servers.h"
#include "tests/pki/store_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using pki::discovery::escape_for_name;
using ::testing::ElementsAre;

TEST(Ldif, NamesAreEscaped) {
  EXPECT_EQ(escape_for_name("a,b+c\"d\\e<f>g;h=i"), "a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\=i");
  EXPECT_EQ(escape_for_name("#a "), "\\#a\\ ");
  EXPECT_EQ(escape_for_name("jürgen"), "jürgen");
}

class Published : public StoreTest {};

TEST_F(Published, MailboxesAreFoundInARealDirectoryAfterLdapadd) {
  const Pair office = issue({.address = bauamt});
  const Pair odd = issue({.address = "a+b#c@stadt.example"});
  Slapd slapd;
  slapd.start();
  write_file(
      slapd.folder() / "ours.ldif",
      pki::discovery::ldif(Slapd::base, {{address(bauamt), "Bauamt, Straße", office.certificate},
                                         {address("a+b#c@stadt.example"), "", odd.certificate}}));
  run({"ldapadd", "-x", "-H", slapd.url(), "-D", Slapd::administrator, "-w", Slapd::password, "-f",
       (slapd.folder() / "ours.ldif").string()});
  config::DirectoryServer server;
  server.url = slapd.url();
  server.base = Slapd::base;
  const pki::discovery::LdapDirectory directory(server);
  EXPECT_THAT(directory.ask(address(bauamt), 20s).certificates, ElementsAre(office.certificate));
  EXPECT_THAT(directory.ask(address("a+b#c@stadt.example"), 20s).certificates,
              ElementsAre(odd.certificate));
}

}  // namespace
}  // namespace siegel::tests
