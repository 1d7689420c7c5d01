#include "pki/enrol/round.h"

#include "pki/enrol/key_making.h"
#include "pki/enrol/local.h"
#include "pki/enrol/submit.h"
#include "pki/enrol/upkeep.h"

namespace siegel::pki::enrol {

Report run_round(const Office& office, const Connect& connect, const SelfTest& self_test,
                 const ProgressOf& progress) {
  const auto progress_of = [&](const char* what) { return progress ? progress(what) : Progress(); };
  // Asked before time moves anything: what an authority has issued in time is not late because
  // nobody was there to fetch it.
  Report report = submit(office, connect, {}, progress_of("answers"));
  report.add(keep_up(office));
  report.add(refresh_local_lists(office));
  report.add(make_keys(office, progress_of("keys")));
  report.add(submit(office, connect, {}, progress_of("requests")));
  report.add(activate(office, {}, self_test, progress_of("activation")));
  return report;
}

}  // namespace siegel::pki::enrol
