"""Validates NWB files and runs blocks of Python one after the other, each with an expression behind it: python nwb-readers.py JOB.json."""
import json, sys, warnings

warnings.filterwarnings("ignore")
import pynwb

job = json.load(open(sys.argv[1]))
errors = []
for file in job["files"]:
    found = pynwb.validate(path=file)
    while isinstance(found, tuple):
        found = found[0]
    errors += found
results, scope = [], {}
for block, expression in job["blocks"]:
    try:
        exec(block, scope)
        results.append(eval(expression, scope))
    except Exception as error:
        results.append(type(error).__name__ + ": " + str(error))
print(json.dumps({"errors": [str(e) for e in errors], "results": results}))
