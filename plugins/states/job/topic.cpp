#include "plugins/states/job/topic.hpp"

#include "plugins/states/id.hpp"

namespace statecast::job {
namespace {

constexpr std::string_view kJobs = "jobs/";
constexpr std::string_view kNodes = "nodes/";

std::optional<Topic> with_id(Topic::Kind kind, std::string_view id) {
  if (!is_id(id)) return std::nullopt;
  return Topic{kind, id};
}

}  // namespace

std::optional<Topic> Topic::parse(std::string_view topic) {
  if (topic == kAllJobs) return Topic{Kind::all_jobs, {}};
  if (topic.starts_with(kJobs)) return with_id(Kind::job, topic.substr(kJobs.size()));
  if (topic.starts_with(kNodes)) return with_id(Kind::node, topic.substr(kNodes.size()));
  return std::nullopt;
}

std::string job_topic(std::string_view job) { return std::string(kJobs).append(job); }
std::string node_topic(std::string_view node) { return std::string(kNodes).append(node); }

}  // namespace statecast::job
