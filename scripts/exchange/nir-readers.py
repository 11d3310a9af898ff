"""Runs NIR files in the programs that read them: python nir-readers.py JOBS.json; a job is a file with its input. Prints JSON."""
import io, json, sys, warnings
from contextlib import redirect_stdout

warnings.filterwarnings("ignore")
import nir
import numpy as np
import torch


def inputs(graph, job):
    node = next(n for n in graph.nodes.values() if isinstance(n, nir.Input))
    x = np.full((job["steps"], int(np.prod(node.input_type["input"]))), float(job.get("level", 0)))
    for step, channel in job.get("spikes", []):
        if step < len(x):
            x[step, channel] += 1
    return x


def stepped(net, x, dtype):
    out, state = [], None
    for row in x:
        y, state = net(torch.tensor(row[None], dtype=dtype), state)
        out.append(y.detach().numpy().reshape(-1))
    steps, channels = np.nonzero(np.array(out))
    return [[int(s), int(c)] for s, c in zip(steps, channels)]


def snntorch_(job):
    from snntorch.import_nir import import_from_nir

    graph = nir.read(job["file"])
    return stepped(import_from_nir(graph), inputs(graph, job), torch.float32)


def spikingjelly_(job):
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    net = import_from_nir(job["file"], dt=job["dt"], dtype=torch.float64)
    return stepped(net, inputs(nir.read(job["file"]), job), torch.float64)


def read_(job):
    graph = nir.read(job["file"])
    return {
        "version": nir.serialization.read_version(job["file"]),
        "edges": [list(e) for e in graph.edges],
        "metadata": {k: v if isinstance(v, str) else float(v) for k, v in graph.metadata.items()},
        "nodes": {
            name: {"type": type(node).__name__}
            | {k: np.asarray(v).tolist() for k, v in vars(node).items() if isinstance(v, np.ndarray)}
            for name, node in graph.nodes.items()
        },
    }


def write_(job):
    """A file of the package's own, with a recurrent graph within the graph, as snnTorch writes it."""
    a = lambda *values: np.array(values)
    inner = nir.NIRGraph(
        {
            "input": nir.Input([2]),
            "lif": nir.LIF(tau=a(0.01, 0.02), r=a(1.0, 1.0), v_leak=a(0.0, 0.0), v_threshold=a(1.0, 1.0)),
            "w_rec": nir.Linear(weight=np.array([[0.0, 50.0], [-20.0, 0.0]])),
            "output": nir.Output([2]),
        },
        [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
    )
    graph = nir.NIRGraph(
        {
            "input": nir.Input([3]),
            "fc": nir.Affine(weight=np.array([[60.0, 0.0, 30.0], [0.0, 90.0, 0.0]]), bias=a(1.2, 0.5)),
            "rec": inner,
            "output": nir.Output([2]),
        },
        [("input", "fc"), ("fc", "rec"), ("rec", "output")],
    )
    nir.write(job["file"], graph)
    return True


def snnwrite_(job):
    """A network of snnTorch, written by itself, with the spikes that it gives."""
    import snntorch as snn
    from snntorch.export_nir import export_to_nir

    torch.manual_seed(1)
    layers = [torch.nn.Linear(3, 4), snn.Leaky(beta=0.9 * torch.ones(4), threshold=torch.ones(4), init_hidden=True, reset_mechanism="zero", reset_delay=False)]
    layers += [torch.nn.Linear(4, 2), snn.Leaky(beta=0.8 * torch.ones(2), threshold=torch.ones(2), init_hidden=True, reset_mechanism="zero", reset_delay=False)]
    net = torch.nn.Sequential(*layers)
    with torch.no_grad():
        layers[0].weight.abs_().mul_(1.5)
        layers[2].weight.abs_().mul_(3)
    graph = export_to_nir(net, torch.zeros(1, 3), ignore_dims=[0])
    nir.write(job["file"], graph)
    for layer in (layers[1], layers[3]):
        layer.reset_mem() if hasattr(layer, "reset_mem") else None
    x = np.zeros((job["steps"], 3))
    for step, channel in job["spikes"]:
        x[step, channel] += 1
    first, second = [], []
    for k, row in enumerate(x):
        h = layers[1](layers[0](torch.tensor(row[None], dtype=torch.float32)))
        y = layers[3](layers[2](h))
        first += [[k, int(c)] for c in np.flatnonzero(h.detach().numpy().reshape(-1))]
        second += [[k, int(c)] for c in np.flatnonzero(y.detach().numpy().reshape(-1))]
    return {"first": first, "second": second}


TOOLS = {"read": read_, "snntorch": snntorch_, "spikingjelly": spikingjelly_, "write": write_, "snnwrite": snnwrite_}
results = []
for job in json.load(open(sys.argv[1])):
    try:
        with redirect_stdout(io.StringIO()):
            results.append(TOOLS[job["tool"]](job))
    except Exception as error:
        results.append({"error": type(error).__name__ + ": " + str(error)})
print(json.dumps(results))
