// plugin_contract <folder> [GoogleTest's options]: holds every plugin library in the folder to the contract.
#include <iostream>

#include "tests/contract/contract.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: plugin_contract <folder with plugin libraries>\n";
    return 64;
  }
  static const auto catalog = statecast::host::PluginCatalog::load({argv[1]});
  for (const auto& refused : catalog.refused()) std::cerr << "refused: " << refused.text() << '\n';
  if (!catalog.refused().empty()) return 1;
  if (catalog.plugins().empty()) {
    std::cerr << argv[1] << ": holds no plugins\n";
    return 1;
  }

  using namespace statecast::contract;
  add_export_tests(catalog);
  for (const auto& plugin : catalog.plugins()) {
    if (plugin->kind == SC_KIND_STATE) add_state_tests(*plugin);
    if (plugin->kind == SC_KIND_TRANSPORT) add_transport_tests(*plugin);
    if (plugin->kind == SC_KIND_SOURCE) add_source_tests(*plugin);
  }
  return RUN_ALL_TESTS();
}
