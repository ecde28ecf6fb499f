// The topics of a JobState: jobs/<id>, jobs/all and nodes/<id>.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace statecast::job {

inline constexpr std::string_view kAllName = "all";
inline constexpr std::string_view kAllJobs = "jobs/all";

struct Topic {
  enum class Kind { job, all_jobs, node };
  Kind kind;
  std::string_view id;  // of the job or node; a view of the topic

  // Nothing = no topic of this state.
  static std::optional<Topic> parse(std::string_view topic);
};

std::string job_topic(std::string_view job);
std::string node_topic(std::string_view node);

}  // namespace statecast::job
