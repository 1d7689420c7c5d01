#include "tools/siegel/command.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "base/utf8.h"
#include "config/load.h"
#include "tools/siegel/user.h"
#include "tools/siegel/workbench.h"

namespace siegel::tools {
namespace {

std::string read_stream(std::istream& in, std::size_t limit, const std::string& name) {
  std::string octets;
  std::string chunk(1U << 16U, '\0');
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0) {
    octets.append(chunk, 0, static_cast<std::size_t>(in.gcount()));
    if (octets.size() > limit) {
      throw Error(Fault::peer, name + " is larger than " + std::to_string(limit >> 20U) + " MiB");
    }
  }
  if (in.bad()) throw Error(Fault::world, "cannot read all of " + name + "; try again");
  return octets;
}

}  // namespace

std::shared_ptr<const config::Config> Context::config() const {
  try {
    return config::load(config_file);
  } catch (const Error& error) {
    throw WrongUsage(error);
  }
}

void Context::say(const Json& fact, const std::string& text) const {
  if (json) {
    print_json(std::cout, fact);
  } else {
    std::cout << text << '\n';
  }
}

OpenStore::OpenStore(const Context& context)
    : config_(at_own_workbench(context.config())),
      database_(config_->storage.database_url()),
      store_(database_, pki::Seal::from_file(config_->storage.key_encryption_key), config_,
             clock_) {
  store_.act_for(user_name());
}

void note(const std::string& text) {
  std::cerr << "siegel: note: " << text << '\n';
}

Address address_argument(const std::string& text) {
  auto address = Address::parse(text);
  if (!address) {
    throw WrongUsage(Error(
        Fault::peer, "\"" + printable(text) + "\" is not a mail address; write local@domain"));
  }
  return *address;
}

std::string use_name(pki::CertificateUse use) {
  switch (use) {
    case pki::CertificateUse::sign:
      return "sign";
    case pki::CertificateUse::encrypt:
      return "encrypt";
    case pki::CertificateUse::both:
      return "sign+encrypt";
  }
  return "?";
}

std::string read_argument(const std::filesystem::path& file, std::size_t limit) {
  if (file == "-") return read_stream(std::cin, limit, "standard input");
  const std::string name = printable(file.string());
  if (std::filesystem::is_directory(file))
    throw Error(Fault::peer, name + " is a folder; name a file in it");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(Fault::peer, "cannot read " + name + "; check the path and its rights");
  return read_stream(in, limit, name);
}

pki::Bundle read_bundle_argument(const std::filesystem::path& file, const std::string& password) {
  const std::string octets = read_argument(file);
  return naming(file, [&] { return pki::read_bundle(octets, password); });
}

pki::Secret read_password(const std::filesystem::path& file) {
  if (file.empty()) return {};
  pki::Secret password(read_argument(file, 4096));
  password.cut(std::min(password.text().find_first_of("\r\n"), password.text().size()));
  return password;
}

}  // namespace siegel::tools
