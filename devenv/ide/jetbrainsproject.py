"""What JetBrains' programs keep in a project's ``.idea``: the interpreter's name, a module, run configurations.

All of it can be shared in git: it names the interpreter and the server as every set-up on every computer names them,
and holds no host, port, user name or folder of this computer (``$PROJECT_DIR$`` is the programs' word for the
project's folder). ``workspace.xml``, ``remote-mappings.xml`` (whose keys hold user and host) and ``.gitignore`` are
left alone. The shapes are those the programs write themselves, as seen in public repositories.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from devenv.errors import DevenvError
from devenv.ide import xmltext
from devenv.ide.jetbrainsfiles import mappings, server_name
from devenv.ide.pieces import Placed
from devenv.ide.target import DEBUG_PORT, Target
from devenv.ide.xmlpieces import XmlElement
from devenv.ide.xmltext import Node, node

HERE = "$PROJECT_DIR$"
PROGRAMS = ("app.py", "main.py", "__main__.py", "src/app.py", "src/main.py", "src/__main__.py")
"""Where a project's program is looked for, before a package with ``__main__.py`` and the only script there is."""

TESTS = ("tests", "test")
_PROJECT = node("project", {"version": "4"})
_MAIN = re.compile(rb"^if\s+__name__\s*==\s*['\"]__main__['\"]", re.MULTILINE)
_SCRIPT_SIZE = 1_000_000


def project_pieces(target: Target, route: str) -> Iterator[Placed]:
    """Yield what is to be in the project's ``.idea``; ``route`` is ``ssh`` or ``vagrant``."""
    idea = target.root / ".idea"
    module = module_of(target)
    name = module.removesuffix(".iml").rpartition("/")[2]
    yield _placed(idea / "misc.xml", _interpreter_name(target))
    yield _placed(idea / "modules.xml", _listed(module))
    for piece in _module():
        yield _placed(target.root / module, piece)
    for each in run_configurations(target, name):
        file = re.sub(r"[^A-Za-z0-9]", "_", each.attributes["name"]) + ".xml"
        root = node("component", {"name": "ProjectRunConfigurationManager"})
        piece = XmlElement((root,), each, ("name",), declaration=False, once=_users(each))
        yield _placed(idea / "runConfigurations" / file, piece)
    if route == "vagrant":
        yield _placed(idea / "vagrant.xml", _vagrant_settings())
    else:
        yield _placed(idea / "deployment.xml", _deployment(target))


def _placed(file: Path, piece: XmlElement) -> Placed:
    return Placed(file, piece, "project")


def _interpreter_name(target: Target) -> XmlElement:
    facts = {"version": "2", "project-jdk-name": target.sdk, "project-jdk-type": "Python SDK"}
    return XmlElement((_PROJECT,), node("component", {"name": "ProjectRootManager", **facts}), ("name",))


# the module


def module_of(target: Target) -> str:
    """Return the file of the project's module, from the project's folder on: the one that is there, or a new one.

    Of several the one at the project's own folder is taken, which is the one named after it or the first.
    """
    listed = [file for file in _listed_modules(target.root) if file.count("/") == file.startswith(".idea/")]
    there = sorted(file.relative_to(target.root).as_posix() for file in (target.root / ".idea").glob("*.iml"))
    new = f".idea/{target.name}.iml"
    found = listed or there
    return new if new in found or not found else found[0]


def _listed_modules(root: Path) -> list[str]:
    """Return the modules that the project's ``modules.xml`` lists; none if it cannot be read."""
    try:
        top = xmltext.outline((root / ".idea/modules.xml").read_bytes())
    except (OSError, DevenvError):
        return []
    waiting, files = [top], []
    while waiting:
        element = waiting.pop(0)
        file = element.attributes.get("filepath", "")
        if element.tag == "module" and file.startswith(f"{HERE}/"):
            files.append(file.removeprefix(f"{HERE}/"))
        waiting += element.children
    return files


def _listed(module: str) -> XmlElement:
    where = f"{HERE}/{module}"
    path = (_PROJECT, node("component", {"name": "ProjectModuleManager"}), node("modules"))
    return XmlElement(path, node("module", {"fileurl": f"file://{where}", "filepath": where}), ("filepath",), keep=True)


def _module() -> Iterator[XmlElement]:
    """Yield what makes a module; in one that is there the roots and a test runner stay as they are."""
    root = node("module", {"type": "PYTHON_MODULE", "version": "4"})
    roots = node(
        "component",
        {"name": "NewModuleRootManager"},
        node("content", {"url": "file://$MODULE_DIR$"}),
        node("orderEntry", {"type": "inheritedJdk"}),
        node("orderEntry", {"type": "sourceFolder", "forTests": "false"}),
    )
    yield XmlElement((root,), roots, ("name",), keep=True)
    runner = node("option", {"name": "PROJECT_TEST_RUNNER", "value": "pytest"})
    yield XmlElement((root, node("component", {"name": "TestRunnerService"})), runner, ("name",), keep=True)


def own_interpreter(target: Target) -> str | None:
    """Return the interpreter that the module names for itself, which counts more than the project's."""
    try:
        top = xmltext.outline((target.root / module_of(target)).read_bytes())
    except (OSError, DevenvError):
        return None
    entries = [each for component in top.children for each in component.children if each.tag == "orderEntry"]
    names = [each.attributes.get("jdkName") for each in entries if each.attributes.get("type") == "jdk"]
    return next((name for name in names if name and name != target.sdk), None)


# run configurations


def run_configurations(target: Target, module: str) -> Iterator[Node]:
    """Yield the configurations: the program if one is found, the tests, and the server that debuggers call back."""
    program = program_of(target.root)
    if program is not None:
        yield _program(target, module, program)
    yield _tests(target, module)
    yield _debug_server(target, module)


def program_of(root: Path) -> str | None:
    """Return the script that starts the project, from its folder on; None where that is not plain to see.

    That is the first of PROGRAMS, the only package with a ``__main__.py``, or the only script at the top that has
    ``if __name__ == "__main__"`` and is no test.
    """
    for name in PROGRAMS:
        if (root / name).is_file():
            return name
    packages = [*root.glob("*/__main__.py"), *root.glob("src/*/__main__.py")]
    packages = [file for file in packages if file.parent.name.isidentifier()]
    scripts = [file for file in root.glob("*.py") if not _is_test(file.name) and _starts(file)]
    found = packages or scripts
    return found[0].relative_to(root).as_posix() if len(found) == 1 else None


def _is_test(name: str) -> bool:
    return name.startswith("test_") or name.endswith("_test.py") or name in ("setup.py", "conftest.py")


def _starts(file: Path) -> bool:
    try:
        return file.stat().st_size < _SCRIPT_SIZE and _MAIN.search(file.read_bytes()) is not None
    except OSError:
        return False


def _users(configuration: Node) -> tuple[str, ...]:
    """Return what in a configuration is the user's once it is there: all but where it runs."""
    inside = [*configuration.children, *(env for each in configuration.children for env in each.children)]
    names = [each.attributes["name"] for each in inside if each.tag in ("option", "env")]
    return tuple(name for name in names if name not in ("SDK_HOME", "IS_MODULE_SDK", "pathMappings"))


def _configuration(name: str, kind: str, factory: str, *inside: Node) -> Node:
    facts = {"default": "false", "name": name, "type": kind, "factoryName": factory}
    return node("configuration", facts, *inside, node("method", {"v": "2"}))


def _options(**values: str) -> tuple[Node, ...]:
    return tuple(node("option", {"name": name, "value": value}) for name, value in values.items())


def _in_box(target: Target, module: str) -> tuple[Node, ...]:
    """Return what is the same wherever something runs in the box: the module's interpreter, folders as in the box."""
    interpreter = _options(
        SDK_HOME="", WORKING_DIRECTORY=HERE, IS_MODULE_SDK="true", ADD_CONTENT_ROOTS="true", ADD_SOURCE_ROOTS="true"
    )
    unbuffered = node("envs", {}, node("env", {"name": "PYTHONUNBUFFERED", "value": "1"}))
    first = _options(INTERPRETER_OPTIONS="", PARENT_ENVS="true")
    return (node("module", {"name": module}), *first, unbuffered, *interpreter, _mapping(target))


def _mapping(target: Target) -> Node:
    return mappings([(HERE, target.folder)])


def _program(target: Target, module: str, script: str) -> Node:
    options = _options(
        SCRIPT_NAME=f"{HERE}/{script}",
        PARAMETERS="",
        SHOW_COMMAND_LINE="false",
        EMULATE_TERMINAL="false",
        MODULE_MODE="false",
        REDIRECT_INPUT="false",
        INPUT_FILE="",
    )
    inside = (*_in_box(target, module), *options)
    return _configuration(f"program in {target.name}", "PythonConfigurationType", "Python", *inside)


def _tests(target: Target, module: str) -> Node:
    folder = next((f"{HERE}/{name}" for name in TESTS if (target.root / name).is_dir()), HERE)
    # these are JSON texts inside of XML
    options = _options(
        _new_keywords='""',
        _new_parameters='""',
        _new_additionalArguments='""',
        _new_target=f'"{folder}"',
        _new_targetType='"PATH"',
    )
    inside = (*_in_box(target, module), *options)
    return _configuration(f"tests in {target.name}", "tests", "py.test", *inside)


def _debug_server(target: Target, module: str) -> Node:
    inside = (
        node("module", {"name": module}),
        *_options(PORT=str(DEBUG_PORT), HOST="localhost"),
        _mapping(target),
        *_options(REDIRECT_OUTPUT="true", SUSPEND_AFTER_CONNECT="true"),
    )
    name = f"debug server for {target.name}"
    return _configuration(name, "PyRemoteDebugConfigurationType", "Python Remote Debug", *inside)


# the routes


def _deployment(target: Target) -> XmlElement:
    """Return which folder of the server is the project's; it is synced, so nothing is ever to be uploaded."""
    mapping = node("mapping", {"deploy": target.folder, "local": HERE})
    paths = node("paths", {"name": server_name(target)}, node("serverdata", {}, node("mappings", {}, mapping)))
    path = (_PROJECT, node("component", {"name": "PublishConfigData"}), node("serverData"))
    return XmlElement(path, paths, ("name",), own=True)


def _vagrant_settings() -> XmlElement:
    settings = _options(instanceFolder=HERE, provider="")
    return XmlElement((_PROJECT,), node("component", {"name": "VagrantProjectSettings"}, *settings), ("name",))
