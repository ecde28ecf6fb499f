"""What `cmake --install` puts where, and that it runs from there as it is."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from host import BIN, PLUGINS

BUILD = Path(BIN).parent.parent
ROOT = Path(os.environ["STATECAST_SHIPPED_CONFIG"]).parent
PLUGIN_FOLDER = f"{os.environ['STATECAST_LIBDIR']}/statecast/plugins"

# Exposure as `systemd-analyze security` counts it, in tenths: 0 is no exposure, 96 a service without any limits.
GREATEST_EXPOSURE = 12


def install(*arguments, environment=None):
    subprocess.run(["cmake", "--install", BUILD, *arguments], env={**os.environ, **(environment or {})}, check=True,
                   stdout=subprocess.DEVNULL, timeout=120)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """The tree that a package is made of: what would lie under /."""
    folder = tmp_path_factory.mktemp("staged")
    install("--prefix", "/usr", environment={"DESTDIR": str(folder)})
    return folder


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """An installation that is all in one folder of its own."""
    folder = tmp_path_factory.mktemp("prefix")
    install("--prefix", folder)
    return folder


def below(folder, *names):
    return {f"{folder}/{name}" for name in names}


def plugins(prefix):
    return below(f"{prefix}/{PLUGIN_FOLDER}", *(path.name for path in Path(PLUGINS).glob("*.so")))


def examples():
    return {path.name for path in (ROOT / "config").iterdir()} - {"demo.yaml"}


RUNTIME = {"etc/statecast/statecast.yaml", "usr/bin/statecast"}
RUNTIME |= below("usr/lib", "systemd/system/statecast.service", "sysusers.d/statecast.conf", "tmpfiles.d/statecast.conf")
RUNTIME |= below("usr/share/doc/statecast", "README.md", "ARCHITECTURE.md", "CHANGELOG.md")

CONTRACT = below("usr/share/cmake/statecast-plugin-api", "statecast-plugin-api-config.cmake", "StatecastPlugin.cmake",
                 "statecast-plugin-api-config-version.cmake", "statecast-plugin-api-targets.cmake", "statecast_plugin.map")
CONTRACT |= {"usr/share/pkgconfig/statecast-plugin-api.pc"}


def runtime_files():
    return RUNTIME | plugins("usr") | below("usr/share/doc/statecast/examples", *examples())


def contract_files():
    headers = below("usr/include", *files(ROOT / "plugin-api/include"))
    return CONTRACT | headers | below("usr/share/doc/statecast-plugin-api/examples", *files(ROOT / "plugin-api/examples"))


def test_a_package_holds_exactly_these_files(staged):
    assert files(staged) == runtime_files() | contract_files()


@pytest.mark.parametrize("component, wanted", [("runtime", runtime_files), ("plugin-api", contract_files)])
def test_a_component_holds_its_share(tmp_path, component, wanted):
    install("--prefix", "/usr", "--component", component, environment={"DESTDIR": str(tmp_path)})
    assert files(tmp_path) == wanted()


def test_only_the_program_may_be_run_and_only_the_owner_may_write(staged):
    modes = {path: (staged / path).stat().st_mode & 0o777 for path in files(staged)}
    assert {path for path, mode in modes.items() if mode != 0o644} == {"usr/bin/statecast"}
    assert modes["usr/bin/statecast"] == 0o755


def test_nothing_looks_for_libraries_in_a_folder_of_its_own(staged):
    for path in plugins("usr") | {"usr/bin/statecast"}:
        dynamic = subprocess.run(["readelf", "-d", staged / path], capture_output=True, text=True, check=True).stdout
        assert "NEEDED" in dynamic
        assert not re.search("RPATH|RUNPATH", dynamic), path


def test_the_unit_of_a_package_names_what_the_package_installs(staged):
    unit = (staged / "usr/lib/systemd/system/statecast.service").read_text()
    assert re.findall("^(?:ExecStart|Documentation)=(.*)", unit, re.MULTILINE) == [
        "file:/usr/share/doc/statecast/README.md",
        "/usr/bin/statecast run /etc/statecast/statecast.yaml",
    ]
    assert "@" not in unit.replace("@system-service", "").replace("@privileged @resources", "")
    assert "\nd /etc/statecast 0750 root statecast -\n" in (staged / "usr/lib/tmpfiles.d/statecast.conf").read_text()


def test_an_edited_configuration_is_kept(tmp_path):
    install("--prefix", tmp_path, "--component", "runtime")
    config = tmp_path / "etc/statecast/statecast.yaml"
    config.write_text("version: 1 # mine\n")
    install("--prefix", tmp_path, "--component", "runtime")
    assert config.read_text() == "version: 1 # mine\n"


def test_an_installation_finds_its_own_plugins_and_configuration(prefix):
    program = prefix / "bin/statecast"
    listing = subprocess.run([program, "plugins"], capture_output=True, text=True, timeout=30)
    assert listing.returncode == 0, listing.stderr
    assert listing.stdout.endswith(f" plugins, 0 refused; searched: {prefix / PLUGIN_FOLDER}\n")
    config = prefix / "etc/statecast/statecast.yaml"
    assert subprocess.run([program, "check"], capture_output=True, text=True, timeout=30).stdout == (
        f"{config}: ok (1 sources, 2 states, 2 transports)\n")


def installed_configuration(tree, folder):
    """The installed default, with ports that the system chooses and its data below a folder of the test."""
    text = (tree / "etc/statecast/statecast.yaml").read_text()
    changes = {"127.0.0.1:8080 ": ("127.0.0.1:0 ", 1), "127.0.0.1:9180 ": ("127.0.0.1:0 ", 1), "/var/lib/statecast/": (f"{folder}/", 2)}
    for old, (new, times) in changes.items():
        assert text.count(old) == times
        text = text.replace(old, new)
    return text


def test_a_package_runs_its_default_configuration_and_a_plugin_built_against_it(staged, start, stream, tmp_path):
    hello = tmp_path / "hello"
    source = staged / "usr/share/doc/statecast-plugin-api/examples/hello_state"
    subprocess.run(["cmake", "-G", "Ninja", "-S", source, "-B", hello, f"-DCMAKE_PREFIX_PATH={staged}/usr"], check=True,
                   stdout=subprocess.DEVNULL, timeout=120)
    subprocess.run(["cmake", "--build", hello, "--target", "hello_state"], check=True, stdout=subprocess.DEVNULL, timeout=200)

    config = yaml.safe_load(installed_configuration(staged, tmp_path))
    config["plugins"] = {"search": [f"{staged}/usr/{PLUGIN_FOLDER}", str(hello)]}
    config["states"]["hello"] = {"type": "hello", "sources": ["events"]}
    host = start(config=config, program=staged / "usr/bin/statecast")
    greetings = stream(host, "/api/v1/stream?topic=greetings/ada")
    assert greetings.next()["type"] == "connected"
    host.publish({"type": "Greeted", "subject": "ada"})
    assert greetings.next() == {"type": "greeting", "name": "ada", "count": 1}


def test_the_default_configuration_runs_without_a_word_about_plugins(prefix, start, tmp_path):
    host = start(config=installed_configuration(prefix, tmp_path), program=prefix / "bin/statecast")
    assert host.get("/api/v1/realtime/subscribers").json["totalClients"] == 0


def test_systemd_finds_nothing_wrong_with_the_unit(prefix):
    unit = prefix / "lib/systemd/system/statecast.service"
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_service_is_confined(prefix):
    unit = prefix / "lib/systemd/system/statecast.service"
    review = ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={GREATEST_EXPOSURE}", unit]
    reviewed = subprocess.run(review, capture_output=True, text=True, timeout=60)
    assert reviewed.returncode == 0, reviewed.stdout
