"""A mail server that is far away: a proxy in a process of its own that keeps all octets back, on the way in and out.

    with Distance(sink.port, 0.01) as far:
        far.port, far.round_trip()

Order is kept and nothing limits how much is under way. That a connection is made takes no round trip, which is kind to
those who open one for each message.
"""

import asyncio
import smtplib
import statistics
import subprocess
import sys
import time

from crm.config import ROOT

PIECE = 65536
SAMPLES = 20


class Distance:
    """Listens on a port of its own and passes everything on to another, each way so many seconds later."""

    def __init__(self, target: int, seconds: float) -> None:
        self._command = [sys.executable, "-m", "bench.distance", str(target), str(seconds)]

    def __enter__(self) -> "Distance":
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def round_trip(self) -> float:
        """Return the seconds that the answer to a NOOP takes, the median of twenty."""
        with smtplib.SMTP("127.0.0.1", self.port) as connection:
            return statistics.median(_answer_seconds(connection) for _ in range(SAMPLES))


def _answer_seconds(connection: smtplib.SMTP) -> float:
    begun = time.monotonic()
    connection.noop()
    return time.monotonic() - begun


async def serve(target: int, seconds: float) -> None:
    """Print the port, and pass on whatever comes until the process is killed."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, far_writer, seconds), carry(far_reader, writer, seconds))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on each piece so many seconds after it came, and the end of it too."""
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    arriving = asyncio.create_task(_arrive(under_way, writer))
    piece = b"."
    while piece:
        try:
            piece = await reader.read(PIECE)
        except OSError:
            piece = b""
        under_way.put_nowait((time.monotonic() + seconds, piece))
    await arriving


async def _arrive(under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    while True:
        due, piece = await under_way.get()
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if not piece:
            return writer.close()
        writer.write(piece)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
