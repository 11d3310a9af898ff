"""Validates an NWB file and runs blocks of Python one after the other, each with an expression behind it: python nwb-readers.py JOB.json."""
import json, sys, warnings

warnings.filterwarnings("ignore")
import pynwb

job = json.load(open(sys.argv[1]))
errors = pynwb.validate(path=job["file"])
while isinstance(errors, tuple):
    errors = errors[0]
results, scope = [], {}
for block, expression in job["blocks"]:
    try:
        exec(block, scope)
        results.append(eval(expression, scope))
    except Exception as error:
        results.append(type(error).__name__ + ": " + str(error))
print(json.dumps({"errors": [str(e) for e in errors], "results": results}))
