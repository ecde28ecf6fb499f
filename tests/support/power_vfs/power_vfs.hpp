// A layer under SQLite in which every write that was not yet synced goes when the process is killed, as in a power cut.
// For tests alone: files grow in memory.
#pragma once

#include "tests/support/power_vfs/image.hpp"

namespace statecast::test {

// From now on the default of every connection that is opened. The seed is that of a disk that tears.
void register_power_vfs(Disk disk, unsigned seed);

// Back to the system's own; connections must be closed. Forgets what was not synced, as a process that ends does.
void unregister_power_vfs();

}  // namespace statecast::test
