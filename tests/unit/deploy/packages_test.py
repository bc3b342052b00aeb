"""deploy/packages and deploy/packages_runtime name packages that exist and cover what the binary loads."""
import os
import re
import subprocess
import unittest

from repository import DEPLOY, ROOT, package_names

LISTS = [DEPLOY / "packages", DEPLOY / "packages_runtime", ROOT / "tests/packages", ROOT / "tests/peers/packages"]
# What every Debian has, or what the listed packages cannot exist without.
IMPLIED = {"libc6", "libgcc-s1"}


def loaded_libraries(binary):
    output = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", output)


def path_of(library, binary):
    output = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return re.search(rf"{re.escape(library)} => (\S+)", output)


def package_of(path):
    for candidate in (path, path.removeprefix("/usr"), os.path.realpath(path)):
        found = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    return path


class Packages(unittest.TestCase):
    def test_every_package_has_a_reason_and_stands_once(self):
        for path in LISTS:
            names = package_names(path)
            self.assertEqual(len(names), len(set(names)), path)
            for line in path.read_text().splitlines():
                self.assertIn("#", line, f"{path}: {line}")

    def test_the_runtime_list_covers_what_the_binary_loads(self):
        binary = os.environ["JUNCTOR_BINARY"]
        runtime = set(package_names(DEPLOY / "packages_runtime"))
        for library in loaded_libraries(binary):
            found = path_of(library, binary)
            if found is None or re.match(r"lib(a|ub)san|ld-linux", library):
                continue
            package = package_of(found.group(1))
            self.assertTrue(package in runtime | IMPLIED, f"{library} is of {package}, which deploy/packages_runtime does not list")


if __name__ == "__main__":
    unittest.main()
