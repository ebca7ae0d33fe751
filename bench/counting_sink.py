"""An SMTP server that counts every recipient before it says 250: what it accepted, it counted."""

import asyncio
import threading
from collections import Counter


class CountingSink:
    """Runs in a thread of its own. `delay`: seconds before each answer to the final dot; `host`: where it listens."""

    host = "127.0.0.1"

    def __init__(self, delay: float = 0.0) -> None:
        self.copies: Counter[str] = Counter()
        self.accepted = 0
        self.delay = delay
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._open: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> "CountingSink":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def note(self, recipient: str) -> None:
        """Called for each copy that is accepted, before the answer; for trials that want to know more."""

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen(0))
        self._ready.set()
        self._loop.run_forever()

    def go_away(self) -> None:
        """Refuse connections, and break those that stand, as a relay does that is switched off."""
        asyncio.run_coroutine_threadsafe(self._break_off(), self._loop).result(10)

    def come_back(self) -> None:
        """Listen again, at the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(self.port), self._loop).result(10)

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, port, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _break_off(self) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _end(self) -> None:
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        await self._break_off()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # The worker was killed.
        finally:
            self._open.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 counting\r\n")
        recipient = ""
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-counting\r\n250 PIPELINING\r\n")
            elif verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                writer.write(b"250 ok\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.copies[recipient] += 1
                self.accepted += 1
                self.note(recipient)
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(b"250 2.0.0 queued\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()
