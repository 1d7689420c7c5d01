#pragma once

#include <zip.h>

#include "pki/enrol/batch.h"
#include "pki/enrol/returned_files.h"
#include "tests/enrol/office_fixture.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"

namespace siegel::tests {

/// Files that come back from a registration authority, all in one folder.
class ImportTest : public OfficeTest {
 protected:
  ImportTest() { std::filesystem::create_directory(inbox()); }

  [[nodiscard]] std::filesystem::path inbox() const { return desk_.folder / "in"; }
  void put(const std::string& name, const std::string& octets) {
    write_file(inbox() / name, octets);
  }
  pki::enrol::Report import(const std::string& password = "") {
    return import_files(office(), {inbox()}, password);
  }
  /// How many files are handed on, and what is told of the others.
  std::pair<std::size_t, std::vector<std::string>> read_all() {
    std::size_t files = 0;
    pki::enrol::Report report;
    report.troubles =
        pki::enrol::read_returned({inbox()}, [&](const pki::enrol::ReturnedFile&) { ++files; });
    return {files, told(report)};
  }
  /// What the openssl command makes of it.
  std::string made(std::vector<std::string> arguments) {
    const auto file = (desk_.folder / "made").string();
    arguments.insert(arguments.end(), {"-out", file});
    const Ran ran = openssl(arguments);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return read_file(file);
  }
  std::string file_of(const std::string& name, const std::string& octets) {
    write_file(desk_.folder / name, octets);
    return (desk_.folder / name).string();
  }
  using Members = std::vector<std::pair<std::string, std::string>>;
  std::string zip(const Members& members) {
    const auto file = (desk_.folder / "made.zip").string();
    zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& [name, octets] : members)
      zip_file_add(archive, name.c_str(),
                   zip_source_buffer(archive, octets.data(), octets.size(), 0), ZIP_FL_ENC_UTF_8);
    EXPECT_EQ(zip_close(archive), 0);
    return read_file(file);
  }
};

}  // namespace siegel::tests
