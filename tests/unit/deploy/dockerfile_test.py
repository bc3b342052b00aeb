"""deploy/Dockerfile names files, presets and targets that exist, and does not run as root. Needs no container engine."""
import json
import re
import unittest

from repository import DEPLOY, ROOT


class Dockerfile(unittest.TestCase):
    def setUp(self):
        text = (DEPLOY / "Dockerfile").read_text()
        self.lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.text = "\n".join(self.lines)

    def instructions(self, name):
        return [line.split(maxsplit=1)[1] for line in self.lines if line.startswith(name + " ")]

    def test_every_stage_starts_from_debian_12(self):
        for image in self.instructions("FROM"):
            self.assertTrue(image.startswith("debian:12"), image)

    def test_copies_only_what_exists(self):
        for arguments in self.instructions("COPY"):
            *sources, _ = arguments.split()
            if sources[0].startswith("--from="):
                continue
            for source in sources:
                self.assertTrue((ROOT / source).exists(), source)

    def test_builds_a_preset_and_a_target_that_exist(self):
        presets = {preset["name"] for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
        self.assertIn(re.search(r"cmake --preset (\S+)", self.text).group(1), presets)
        target = re.search(r"--target (\S+)", self.text).group(1)
        self.assertIn(f"add_executable({target} ", (ROOT / "gateway/CMakeLists.txt").read_text())

    def test_the_last_stage_runs_the_gateway_as_a_user_without_rights(self):
        last_stage = self.text[self.text.rindex("FROM "):]
        user = re.search(r"^USER (\d+):(\d+)$", last_stage, re.M)
        self.assertIsNotNone(user, "a numeric user, so that an orchestrator can see that it is not root")
        self.assertGreater(int(user.group(1)), 0)
        installed = re.search(r"COPY --from=build \S+ (\S+)", last_stage).group(1)
        self.assertEqual(json.loads(self.instructions("ENTRYPOINT")[0]), [installed])

    def test_uses_only_instructions_that_exist(self):
        known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}
        joined = re.sub(r"\\\n", " ", self.text)
        self.assertLessEqual({line.split()[0] for line in joined.splitlines()}, known)


if __name__ == "__main__":
    unittest.main()
