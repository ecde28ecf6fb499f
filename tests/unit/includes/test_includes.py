"""Who may include whom. A part may include its own files and those of the parts that its row names.

A plugin may include the contract, and what lies beside its folder for all plugins of its kind.
"""

import os
import re
from pathlib import Path

ROOT = Path(os.environ["STATECAST_SOURCE_DIR"])
ABI, SDK = "plugin-api/include/statecast/abi", "plugin-api"
RESULT = "host/result.hpp"

# The first row whose path begins the file's path counts.
MAY_INCLUDE = {
    ABI: [],
    SDK: [ABI],
    RESULT: [],
    "host/loading": [SDK, RESULT],
    "host/config": [SDK, RESULT, "host/loading"],
    "host/access": [SDK, RESULT, "host/config"],
    "host/ops": [SDK, RESULT, "host/config"],
    "host/streaming": [SDK, RESULT, "host/config", "host/loading", "host/ops"],
    "host/serving": [SDK, RESULT, "host/config", "host/loading", "host/ops", "host/access", "host/streaming"],
    "host/cli/client": [RESULT],
    "host/cli": [SDK, "host", "plugins/sources/log"],
    "host/main.cpp": [SDK, "host"],
}

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def sources(root):
    for top in ("plugin-api", "host", "plugins"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".hpp", ".c", ".cpp", ".ipp"):
                yield path.relative_to(root)


def part_of(file):
    """The part that a file belongs to: a row of the table, a plugin's folder, or the file itself."""
    if file.parts[0] == "plugins":
        return str(file.parent) if len(file.parts) == 3 else "/".join(file.parts[:3])
    inside = lambda part: str(file) == part or str(file).startswith(part + "/")
    return next((part for part in MAY_INCLUDE if inside(part)), str(file))


def included_file(root, file, name):
    """The file of this repository that an #include names, or None when it is a library's."""
    for folder in (file.parent, Path(), Path("plugin-api/include"), Path("host")):
        target = Path(os.path.normpath(folder / name))
        if (root / target).is_file():
            return target
    return None


def allowed(file, target):
    own, other = part_of(file), part_of(target)
    if file.parts[0] == "plugins":
        return other in (own, SDK, ABI, "/".join(file.parts[:2]))
    return own == other or any(other == part or other.startswith(part + "/") for part in MAY_INCLUDE.get(own, []))


def forbidden_includes(root):
    for file in sources(root):
        for kind, name in _INCLUDE.findall((root / file).read_text()):
            target = included_file(root, file, name)
            if target is None and kind == '"':
                yield f"{file} includes {name}, which is no file of this repository"
            elif target is not None and not allowed(file, target):
                yield f"{file} includes {target}: {part_of(file)} may not know {part_of(target)}"


def tree(root, **files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_nobody_includes_what_it_may_not_know():
    assert list(sources(ROOT))
    assert list(forbidden_includes(ROOT)) == []


def test_a_forbidden_include_is_found(tmp_path):
    tree(
        tmp_path,
        **{
            "plugin-api/include/statecast/state.hpp": '#include "abi/state.h"\n',
            "plugin-api/include/statecast/abi/state.h": '#include "../state.hpp"\n',
            "host/streaming/lane.hpp": '#include "host/serving/session.hpp"\n',
            "host/serving/session.hpp": '#include "host/streaming/lane.hpp"\n',
            "plugins/states/order/order.cpp": '#include <statecast/state.hpp>\n#include "../../sources/log/log.hpp"\n',
            "plugins/states/order/shared.cpp": '#include "plugins/states/shared.hpp"\n',
            "plugins/states/shared.hpp": '#include "order/order.hpp"\n',
            "plugins/states/order/order.hpp": "",
            "plugins/sources/log/log.hpp": '#include "missing.hpp"\n',
        },
    )
    order, log = "plugins/states/order", "plugins/sources/log"
    assert list(forbidden_includes(tmp_path)) == [
        f"{ABI}/state.h includes {SDK}/include/statecast/state.hpp: {ABI} may not know {SDK}",
        "host/streaming/lane.hpp includes host/serving/session.hpp: host/streaming may not know host/serving",
        f"{log}/log.hpp includes missing.hpp, which is no file of this repository",
        f"{order}/order.cpp includes {log}/log.hpp: {order} may not know {log}",
        f"plugins/states/shared.hpp includes {order}/order.hpp: plugins/states may not know {order}",
    ]
