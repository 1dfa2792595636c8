"""The commands, one a file: `add_parser(subparsers)` and a handler that returns the exit code.

Handlers import what they need when they run, so that `dssd --help` stays fast.
"""

from dssd_tf.cli.commands import (
    bank,
    benchmark,
    budget,
    compare,
    complexity,
    data,
    editions,
    energy,
    evaluate,
    export,
    models,
    package,
    predict,
    quantize,
    recipe,
    report,
    run,
    sweep,
    table,
    teach,
    train,
    validate,
)

ALL = (
    run,
    sweep,
    table,
    train,
    quantize,
    evaluate,
    compare,
    complexity,
    budget,
    package,
    validate,
    editions,
    report,
    predict,
    benchmark,
    energy,
    export,
    recipe,
    data,
    models,
    teach,
    bank,
)
