"""The kernels that notebooks are proven in: forks of a process in which nothing ran, gone with their session."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from labkit.proving.kernels import Kernels, memory_mb
from labkit.proving.prover import _Client

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forks on Linux only"),
]

NEW_MODULES = "__import__('json').dumps([name for name in __import__('sys').modules if name.startswith('labkit')])"
BEGIN = "__import__('labkit.proving.inside').proving.inside.begin('/', 60.0, '', '', '')"
DEVICES = "from gpiozero import LED, Button; import labkit; labkit.panel(LED(17)), Button(2)"
VIEWS = """
import tempfile
bench, red = labkit.bench(), LED(18)
converter = labkit.parts.Mcp3xxx("MCP3008", channels={0: "pot"})
wired = labkit.circuit(lamp=labkit.parts.Led(18), converter=converter, pot=labkit.parts.Potentiometer())
with bench.record("loaded", red, folder=tempfile.mkdtemp()) as run:
    red.blink(0.5, 0.5, 3, background=False)
display(bench, wired, bench.scope(red), run, run.plot(), labkit.runs())
"""


@pytest.fixture
def in_kernels():
    """Runs a coroutine function with the kernels, and ends them."""

    def run(work):
        async def all_of_it():
            kernels = Kernels()
            try:
                return await work(kernels)
            finally:
                await kernels.close()

        return asyncio.run(all_of_it())

    return run


async def connected(kernel):
    import nbformat

    client = _Client(nbformat.v4.new_notebook(), km=kernel, startup_timeout=60)
    await client.async_start_new_kernel_client()
    return client


async def value(client, expression):
    reply = await client.ask("", expressions={"v": expression})
    return reply["user_expressions"]["v"]["data"]["text/plain"]


def test_kernels_are_forks_of_one_process_and_none_is_used_twice(in_kernels):
    async def work(kernels):
        pids, parents = [], []
        for _ in range(3):
            kernel = await kernels.take()
            client = await connected(kernel)
            await kernels.prepare()
            pids.append(kernel.provisioner.pid)
            parents.append(psutil.Process(pids[-1]).ppid())
            client.kc.stop_channels()
            await kernels.end(kernel)
            assert not psutil.pid_exists(pids[-1])
        return pids, parents

    pids, parents = in_kernels(work)
    assert len(set(pids)) == 3
    assert len(set(parents)) == 1
    assert parents[0] != os.getpid()


def test_what_a_bench_needs_was_loaded_before_the_fork(in_kernels):
    async def work(kernels):
        kernel = await kernels.take()
        client = await connected(kernel)
        before = json.loads((await value(client, NEW_MODULES)).strip("'"))
        for line in (BEGIN, DEVICES, VIEWS):
            assert (await client.ask(line))["status"] == "ok"
        after = json.loads((await value(client, NEW_MODULES)).strip("'"))
        client.kc.stop_channels()
        await kernels.end(kernel)
        return before, after

    before, after = in_kernels(work)
    assert {"labkit.panels.outputs", "labkit.scope.view", "labkit.recording"} <= set(before)
    assert set(after) - set(before) == set()


def test_a_kernel_ends_as_it_is_told_to(in_kernels):
    async def work(kernels):
        kernel = await kernels.take()
        client = await connected(kernel)
        assert 10 < memory_mb(kernel) < 1000
        await client.ask("import os; os._exit(3)")
        status = await kernel.provisioner.wait()
        client.kc.stop_channels()
        await kernels.end(kernel)
        return status, memory_mb(kernel)

    assert in_kernels(work) == (3, 0.0)


SESSION = """
import asyncio
from labkit.proving.kernels import Kernels

async def main():
    kernels = Kernels()
    kernel = await kernels.take()
    await kernels.prepare()
    print(kernel.provisioner.pid, kernels._spare.provisioner.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_kernels_do_not_outlive_a_session_that_is_killed():
    session = subprocess.Popen([sys.executable, "-c", SESSION], stdout=subprocess.PIPE, text=True)
    kernels = [psutil.Process(int(pid)) for pid in session.stdout.readline().split()]
    server = kernels[0].parent()
    session.send_signal(signal.SIGKILL)
    session.communicate()
    _, alive = psutil.wait_procs([server, *kernels], timeout=20)
    assert alive == []
