#include "host/config/typed_tags.hpp"

#include <boost/locale/utf.hpp>
#include <cstdlib>

#include "host/config/text_file.hpp"

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

bool is_utf8(const std::string& text) {
  namespace utf = boost::locale::utf;
  for (const char *p = text.data(), *end = p + text.size(); p != end;) {
    const utf::code_point c = utf::utf_traits<char>::decode(p, end);
    if (c == utf::illegal || c == utf::incomplete) return false;
  }
  return true;
}

Result<std::string> checked(std::string value, const std::string& name) {
  if (value.size() > kLargestTaggedValue) return Error{name + " is larger than 64KiB", "name a value of at most 64KiB"};
  if (!is_utf8(value)) return Error{name + " is not UTF-8", "store text in it"};
  return {boost::system::in_place_value, std::move(value)};
}

Result<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value)
    return Error{"the environment variable '" + name + "' is not set",
                 "set it where statecast is started, such as with 'Environment=' in its unit, or write the value here"};
  return checked(value, "the environment variable '" + name + "'");
}

void strip_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

Result<std::string> content(const fs::path& file, const std::string& name, const std::string& fix_when_missing) {
  using Fault = TextFile::Fault;
  TextFile read = read_text_file(file, kLargestTaggedValue + 2);  // the line end does not count
  switch (read.fault) {
    case Fault::missing:
      return Error{"there is no " + name, fix_when_missing};
    case Fault::not_regular:
      return Error{"the " + name + " is no regular file", "name a file"};
    case Fault::unreadable:
      return Error{"the " + name + " can't be read: " + read.error.message(),
                   "let the user that runs statecast read it"};
    case Fault::too_large:
    case Fault::none:
      break;
  }
  if (read.fault == Fault::too_large) read.text.assign(kLargestTaggedValue + 1, ' ');
  strip_line_end(read.text);
  return checked(std::move(read.text), "the " + name);
}

Result<std::string> credential(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (name.find('/') != std::string::npos || name == "." || name == "..")
    return Error{"'" + name + "' is no name of a credential", "write a name without '/', or use !file PATH"};
  const std::string declare = "declare it in the unit of the service: 'LoadCredential=" + name + ":/path/to/it'";
  if (!folder)
    return Error{"there is no credential '" + name + "': $CREDENTIALS_DIRECTORY is not set",
                 declare + "; to check by hand, set CREDENTIALS_DIRECTORY to a folder with a file of this name"};
  return content(fs::path(folder) / name, "credential '" + name + "'", declare);
}

}  // namespace

bool is_typed_tag(std::string_view tag) { return tag == "!env" || tag == "!file" || tag == "!credential"; }

Result<std::string> tagged_value(std::string_view tag, const std::string& argument, const fs::path& folder) {
  if (argument.empty()) return Error{std::string(tag) + " names nothing", std::string("write ") + kTypedTags};
  if (tag == "!env") return variable(argument);
  if (tag == "!credential") return credential(argument);
  const fs::path file = (folder / argument).lexically_normal();
  return content(file, "file '" + file.string() + "'", "create it, or correct the path");
}

}  // namespace statecast::host
