#include "plugins/states/job/event_fields.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/job/topic.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::job {
namespace {

bool is_object(const Json& value) { return value.is_object(); }

// Only a name without surprises is repeated in a sentence.
void check_texts(const Json& state) {
  for (const auto& [name, value] : state.items()) {
    if (value.is_string()) continue;
    throw Rejection(is_id(name) ? "data.state." + name + " must be text" : "every value in data.state must be text");
  }
}

}  // namespace

Json read_fields(std::string_view node, std::string_view data) {
  Json fields = read_object(data);
  const Fields all{fields, "data"};
  all.check_repeats("node", node, "the event's subject");
  all.check("status", is_text, "text");
  all.check("state", is_object, "an object of texts");
  const Fields state{fields.at("state"), "data.state"};
  check_texts(state.object);
  if (state.object.contains("job")) state.check_id("job");
  if (job_of(fields) == kAllName)
    throw Rejection("data.state.job must not be 'all': jobs/all is the topic of all jobs");
  return fields;
}

std::string_view job_of(const Json& fields) {
  const Json& state = fields.at("state");
  const auto job = state.find("job");
  return job == state.end() ? std::string_view() : std::string_view(job->get_ref<const std::string&>());
}

}  // namespace statecast::job
