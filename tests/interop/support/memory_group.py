"""A cap on memory as containers have it: a control group. A process that asks for more, and has nothing to give back, is killed by the system."""
import contextlib
import os
import pathlib

MOUNT = pathlib.Path("/sys/fs/cgroup")


class MemoryGroup:
    """Below the group of this process, so that its own limits hold too. Use as a context, outside that of whoever runs in it. `through`: the
    command that enters it and becomes another one. OSError where this machine lets nobody make one."""

    def __init__(self, most_bytes):
        self._most = str(most_bytes)

    def __enter__(self):
        refusal = OSError("no control groups here")
        for parent, limit, events in places():
            self._folder, self._events = parent / f"junctor-{os.getpid()}", events
            try:
                self._folder.mkdir()
                with (self._folder / limit).open("r+") as file:  # there already, or this is no control group
                    file.write(self._most)
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
    """(folder, file of the limit, file that counts kills): below where this process is, never beside or above it, because whoever limits this
    process limits what it starts. Version 2 lets no group that holds processes have groups with limits of their own: there is none then."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own = path.lstrip("/")
        if "memory" in controllers.split(","):
            yield MOUNT / "memory" / own, "memory.limit_in_bytes", "memory.oom_control"
        elif not controllers:
            yield MOUNT / own, "memory.max", "memory.events"
