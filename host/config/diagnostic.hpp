// What is wrong with a configuration file, where, and what to do about it; its text for an operator's terminal, and its
// JSON for programs.
//
// Plain values, made by load_config and shown by the command line.
#pragma once

#include <string>
#include <vector>

namespace statecast::host {

struct Diagnostic {
  std::string file;
  int line = 0, column = 0;        // from 1, in characters; line 0 = the file as a whole
  int length = 1;                  // characters to underline
  std::string code;                // "unknown-key"
  std::string path;                // "states.orders"; empty = the file as a whole
  std::string message;             // "unknown key 'refesh'"
  std::string source_line;         // the line as written; empty = no excerpt is shown
  std::string hint;                // beside the caret: "did you mean 'refresh'?"
  std::vector<std::string> notes;  // one line each
  std::string fix;                 // what to do; may be empty
};

// All diagnostics, in the order given, and their number in a last line.
std::string format_text(const std::vector<Diagnostic>& diagnostics);

// One JSON object for programs: {"file", "ok", "diagnostics": [{"file", "line", "column", "length", "severity", "code",
// "path", "message", "hint", "fix", "notes"}]}. Every member is always there; line and column are null for a file as a
// whole, and so are hint and fix when there is nothing to say. `file` is the one that the operator named.
std::string format_json(const std::string& file, const std::vector<Diagnostic>& diagnostics);

}  // namespace statecast::host
