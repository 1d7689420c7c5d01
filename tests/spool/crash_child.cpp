// Commits messages to the spool of argv[1] until it is killed, and says each id on standard output
// once the commit has returned. Half of them are finished again, and that is said too.

#include <iostream>
#include <string>

#include "base/disk.h"
#include "base/random.h"
#include "tests/spool/crash_message.h"
#include "tests/spool/fixture.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  siegel::PosixDisk disk;
  siegel::spool::Spool spool(disk, argv[1]);
  for (;;) {
    const std::string id = siegel::random_hex(8);
    siegel::tests::commit(spool, id,
                          {siegel::tests::crash_message(id), siegel::tests::crash_message(id)});
    std::cout << "committed " << id << std::endl;
    if (id.front() < '8') continue;
    auto claim = spool.claim(id + ".1");
    claim->update(claim->item());
    claim->remove();
    std::cout << "finished " << id << std::endl;
  }
}
