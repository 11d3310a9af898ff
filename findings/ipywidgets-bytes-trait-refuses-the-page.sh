#!/usr/bin/env bash
# ipywidgets and anywidget: a synchronized trait of type Bytes works from Python to the page only.
# traitlets.Bytes is the type of a trait for binary data, which the page has as a DataView; one expects what the page sets and saves
# there to come back to Python as bytes. ipywidgets 8.1.9 gives the buffers of a message to the traits as memoryviews, and
# traitlets.Bytes (5.16.1) takes no memoryview: the trait keeps its value. Nothing is raised where anybody would see it, and JupyterLab
# 4.6.6 shows nothing (anywidget 0.11.0, Python 3.13, 2026-11-29). A trait of type Any takes the same message, and so does a Dict with
# buffers inside: both hold memoryviews.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check anywidget==0.11.0 ipywidgets==8.1.9 traitlets==5.16.1
cat >"$dir/run.py" <<'PY'
import anywidget
import traitlets


class Widget(anywidget.AnyWidget):
    _esm = "export default { render() {} }"
    data = traitlets.Bytes(b"old").tag(sync=True)
    anything = traitlets.Any(b"old").tag(sync=True)
    table = traitlets.Dict().tag(sync=True)


def from_page(state, path):
    """What the comm of a widget hands over when the page has set a trait to two bytes and saved the changes."""
    data = {"method": "update", "state": state, "buffer_paths": [path]}
    widget._handle_msg({"content": {"data": data}, "buffers": [memoryview(b"\x01\x02")]})


widget = Widget()
from_page({}, ["data"])
from_page({}, ["anything"])
from_page({"table": {}}, ["table", "column"])
for name, value in (("Bytes", widget.data), ("Any", widget.anything), ("Dict", widget.table["column"])):
    print(f"{name}: {type(value).__name__} {bytes(value)}")
PY
cat >"$dir/expected" <<'TEXT'
Bytes: bytes b'old'
Any: memoryview b'\x01\x02'
Dict: memoryview b'\x01\x02'
TEXT
"$dir/venv/bin/python" -W ignore "$dir/run.py" >"$dir/seen"
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
