// What NodeStateUpdated must carry in `data`: `status`, and `state`, an object of texts. Fields beside them are the
// platform's own and pass through.
//
// Every check throws Rejection with a sentence that names the field. Thread role: lane.
#pragma once

#include "plugins/states/fields.hpp"

namespace statecast::job {

// Reads and checks the data of an event about this node. A `node` in it must be the node.
Json read_fields(std::string_view node, std::string_view data);

// The job that the node works on; empty when its state names none. A view of the fields.
std::string_view job_of(const Json& fields);

}  // namespace statecast::job
