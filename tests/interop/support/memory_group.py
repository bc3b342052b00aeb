"""A cap on memory as containers have it: a control group. A process that asks for more, and has nothing to give back, is killed by the system."""
import contextlib
import os
import pathlib

MOUNT = pathlib.Path("/sys/fs/cgroup")


class MemoryGroup:
    """Use as a context, outside that of whoever runs in it. `through`: the command that enters it and becomes another one. OSError where
    this machine lets nobody make one."""

    def __init__(self, most_bytes):
        self._most = str(most_bytes)

    def __enter__(self):
        refusal = OSError("no control groups here")
        for parent, limit, events in places():
            self._folder, self._events = parent / f"junctor-{os.getpid()}", events
            try:
                self._folder.mkdir()
                (self._folder / limit).write_text(self._most)
            except OSError as error:
                refusal = error
                self._remove()
                continue
            self.through = ("sh", "-c", 'echo $$ > "$0" && exec "$@"', self._folder / "cgroup.procs")
            return self
        raise refusal

    def __exit__(self, *_):
        self._remove()

    def kills(self):
        """How many processes the system has ended for want of memory."""
        for line in (self._folder / self._events).read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        raise AssertionError(f"no oom_kill in {self._events}")

    def _remove(self):
        with contextlib.suppress(OSError):
            self._folder.rmdir()


def places():
    """(folder, file of the limit, file that counts kills). Version 1 below where this process is; version 2 lets no group with processes
    have groups with limits: beside it. Where a container's groups are mounted, /proc names what is outside."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            for folder in (path.lstrip("/"), ""):
                yield MOUNT / "memory" / folder, "memory.limit_in_bytes", "memory.oom_control"
        elif not controllers:
            for folder in (MOUNT / path.lstrip("/")).parent, MOUNT:
                if folder.is_relative_to(MOUNT):
                    yield folder, "memory.max", "memory.events"
