# Writes a C++ source that holds files as string literals, for page_files.hpp:
#   cmake -DOUT=<source> -DFILES=<file>[;<file>...] -P embed_page.cmake
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(literals)
set(rows)
set(number 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  string(SUBSTRING ${extension} 1 -1 extension)
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "${file}: no content type is known for .${extension}; name it in embed_page.cmake")
  endif()
  set(path /page/${name})
  if(name STREQUAL "index.html")
    set(path /)
  endif()
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  file(SHA256 ${file} etag)
  string(SUBSTRING ${etag} 0 16 etag)
  string(APPEND literals "constexpr char file_${number}[] = \"${bytes}\";\n")
  string(APPEND rows "    {\"${path}\", \"${type_${extension}}\", \"\\\"${etag}\\\"\", {file_${number}, sizeof file_${number} - 1}},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE ${OUT} "#include <span>

#include \"host/serving/page_files.hpp\"

namespace statecast::host {

namespace {

${literals}
constexpr PageFile kFiles[] = {
${rows}};

}  // namespace

std::span<const PageFile> page_files();
std::span<const PageFile> page_files() { return kFiles; }

}  // namespace statecast::host
")
