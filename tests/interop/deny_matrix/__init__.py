"""The rows of the deny matrix: one file for each folder of connectors/, which the build asks for (deploy/cmake/JunctorDenyMatrix.cmake).

`VERBS`: what the connector has a word for; its docstring tells why it has none for the rest. `Client`: one client for the matrix, made from
(ports, user, password), whose methods say whether the gateway let it, as True or False, and what came; it raises `Gone` when it is sent away. A
bare socket: nothing retries, nothing reconnects. `tls`: a context where the user is known by a certificate. A folder that lets nobody in has no verbs and no client."""
import importlib
import pathlib

_files = sorted(file.stem for file in pathlib.Path(__file__).parent.glob("[!_]*.py"))
ROWS = {name: row for name in _files if (row := importlib.import_module(f"{__name__}.{name}")).VERBS}
