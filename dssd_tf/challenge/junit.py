"""Checks of limits as a JUnit file, which CI services show as tests."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree


def junit(suites: Mapping[str, tuple[int, Sequence[Mapping[str, Any]]]]) -> str:
    """The XML text: a suite a model, a case a limit, a failure where it is exceeded.

    Args:
        suites: By model, the edition's year and the checks as in `complexity.json`.
    """
    root = ElementTree.Element("testsuites", name="dssd complexity")
    for model, (year, checks) in suites.items():
        failed = [check for check in checks if not check["passed"]]
        suite = ElementTree.SubElement(
            root, "testsuite", name=model, tests=str(len(checks)), failures=str(len(failed))
        )
        for check in checks:
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"edition {year}", name=check["name"]
            )
            told = (
                f"{check['measured']:,.0f} of {check['limit']:,.0f} {check['unit']} "
                f"({check['counter']})"
            )
            if check["passed"]:
                ElementTree.SubElement(case, "system-out").text = told
            else:
                ElementTree.SubElement(case, "failure", message=f"over the limit: {told}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
