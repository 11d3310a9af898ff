#!/usr/bin/env bash
# NEST: after a duration that is refused, the next one is refused too, whatever it is.
# A duration that is no multiple of the resolution raises BadParameter, as it should. One expects the kernel to be as before. In NEST
# 3.10.0 (wheel, Python 3.13, 2026-11-28) it stays prepared: the next Simulate, with a valid duration, raises KernelException (Prepare
# called twice) until Cleanup is called. A program that catches the first error must call it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest

nest.verbosity = nest.VerbosityLevel.FATAL
nest.Create("iaf_psc_exp")
for duration in (10.04, 10.0):
    try:
        nest.Simulate(duration)
        print(f": {duration}: done")
    except Exception as error:
        print(f": {duration}: {type(error).__name__}")
nest.Cleanup()
nest.Simulate(10.0)
print(f": 10.0 after Cleanup: done, time {nest.biological_time:.1f}")
PY
cat >"$dir/expected" <<'TEXT'
10.04: BadParameter
10.0: KernelException
10.0 after Cleanup: done, time 10.0
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
