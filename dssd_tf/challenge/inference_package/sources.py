"""The package's code: the runtime's modules as they are, and files with the names filled in."""

import re
from importlib import resources

from dssd_tf.challenge.inference_package.names import PackageNames
from dssd_tf.version import __version__

_RUNTIME = "dssd_tf.challenge.inference_package.runtime"
_TEMPLATES = {
    "setup.py": "setup.py.j2",
    "requirements.txt": "requirements.txt.j2",
    "test_complexity.py": "test_complexity.py.j2",
    "{package}/__init__.py": "init.py.j2",
}


def runtime_sources(package: str) -> dict[str, bytes]:
    """The shared modules by path, importing each other as ``PACKAGE.runtime``."""
    found = {}
    for entry in (resources.files("dssd_tf.challenge.inference_package") / "runtime").iterdir():
        if entry.name.endswith(".py"):
            text = entry.read_text(encoding="utf-8")
            renamed = re.sub(re.escape(_RUNTIME), f"{package}.runtime", text)
            found[f"{package}/runtime/{entry.name}"] = renamed.encode()
    return dict(sorted(found.items()))


def rendered(names: PackageNames) -> dict[str, bytes]:
    """The files that carry the package's names, by path."""
    files = {
        target.format(package=names.package): render(template, names=names)
        for target, template in _TEMPLATES.items()
    }
    for number, label in names.labels.items():
        path = f"{names.package}/{names.module(number)}.py"
        files[path] = render("system.py.j2", names=names, number=number, label=str(label))
    return files


def render(template: str, **values: object) -> bytes:
    """A file of ``sources`` with values filled in."""
    import jinja2

    source = resources.files("dssd_tf.challenge.inference_package") / "sources" / template
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["thousands"] = lambda value: f"{value:,}"
    page = environment.from_string(source.read_text(encoding="utf-8"))
    return (page.render(version=__version__, **values).rstrip() + "\n").encode()
