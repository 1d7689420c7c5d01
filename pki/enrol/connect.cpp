#include "pki/enrol/connect.h"

#include "pki/enrol/cmp.h"
#include "pki/enrol/est.h"
#include "pki/enrol/local.h"

namespace siegel::pki::enrol {

Connect connect_by_profile(const Clock& clock) {
  return [&clock](const config::CaProfile& profile) -> std::unique_ptr<CertificateAuthority> {
    switch (profile.connector) {
      case config::Connector::cmp:
        return std::make_unique<Cmp>(profile.cmp, clock);
      case config::Connector::est:
        return std::make_unique<Est>(profile.est, clock);
      case config::Connector::local:
        return std::make_unique<Local>(profile, clock);
      case config::Connector::batch:
        break;
    }
    return nullptr;
  };
}

}  // namespace siegel::pki::enrol
