"""T2: the same records from one PouchDB into another over HTTP on loopback, the peer many would
take. Only where Node and its registry are found; what is installed goes with the folder."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.measure import cpu_of, median

PACKAGES = ("pouchdb@9", "express-pouchdb@4", "express@4")
SERVER = """
const PouchDB = require('pouchdb'), express = require('express');
const Db = PouchDB.defaults({prefix: process.argv[2] + '/'});
const app = express();
const open = new Set();
let gone = 0;
const of = (one) => one.bytesRead + one.bytesWritten;
app.get('/bytes', (_, said) => said.json([...open].reduce((sum, one) => sum + of(one), gone)));
app.use('/', require('express-pouchdb')(Db, {mode: 'minimumForPouchDB', inMemoryConfig: true}));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
server.on('connection', (one) => {
  open.add(one);
  one.on('close', () => { open.delete(one); gone += of(one); });
});
process.stdin.on('end', () => process.exit(0)).resume();
"""
CLIENT = """
const PouchDB = require('pouchdb'), fs = require('fs');
const [folder, port, docs, rounds, ones] = process.argv.slice(2);
const used = (start) => {
  const one = process.cpuUsage(start);
  return (one.user + one.system) / 1e6;
};
(async () => {
  const db = new PouchDB(folder + '/local'), far = `http://127.0.0.1:${port}/far`;
  const rows = fs.readFileSync(docs, 'utf8').trim().split('\\n').map(JSON.parse);
  for (let at = 0; at < rows.length; at += 1000) await db.bulkDocs(rows.slice(at, at + 1000));
  const bytes = async () => (await fetch(`http://127.0.0.1:${port}/bytes`)).json();
  const say = async (name) => {
    const before = await bytes();
    const cpu = process.cpuUsage(), start = Date.now();
    await PouchDB.replicate(db, far, {batch_size: 1000});
    const said = {name, wall: (Date.now() - start) / 1000, cpu: used(cpu)};
    console.log(JSON.stringify({...said, sent: await bytes() - before}));
  };
  await say('first');
  const note = () => require('crypto').randomBytes(16).toString('hex');
  for (const [name, limit, times] of [['edits', 1000, rounds], ['one', 1, ones]])
    for (let round = 0; round < times; round += 1) {
      const some = (await db.allDocs({include_docs: true, limit})).rows.map((row) => row.doc);
      await db.bulkDocs(some.map((doc) => ({...doc, door_note: note()})));
      await say(name);
    }
  process.exit(0);
})();
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """Wall and CPU seconds of both processes, first sync; wall seconds of 1,000 edits and the bytes
    that went through the server's sockets, in the middle of several rounds; seconds of one edit."""

    wall: float
    cpu: float
    edits: float
    sent: float
    one: float


def install(folder: Path) -> str:
    """Fetch the packages into a folder; returns why it cannot be, or nothing."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "Node was not found: not measured"
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
    return "" if done.returncode == 0 else "the packages could not be fetched: not measured"


def replicate(folder: Path, docs: Sequence[dict[str, Any]], rounds: int, ones: int) -> Peer:
    """Everything once, then so many rounds of 1,000 edits and so many of one."""
    for name, code in (("server.js", SERVER), ("client.js", CLIENT)):
        (folder / name).write_text(code)
    (folder / "far").mkdir()
    (folder / "docs").write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in docs))
    server = subprocess.Popen(
        ["node", "server.js", "far"],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        port = server.stdout.readline().strip()
        begun = cpu_of(server.pid)
        client = subprocess.Popen(
            ["node", "client.js", ".", port, "docs", str(rounds), str(ones)],
            cwd=folder, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert client.stdout is not None
        first = json.loads(client.stdout.readline())
        served = cpu_of(server.pid) - begun
        edits = [json.loads(client.stdout.readline()) for _ in range(rounds)]
        singles = [json.loads(client.stdout.readline()) for _ in range(ones)]
        client.wait(60)
    finally:
        server.stdin.close()
        server.wait(30)
    wall, sent = (median([one[name] for one in edits]) for name in ("wall", "sent"))
    one = median([each["wall"] for each in singles])
    return Peer(first["wall"], first["cpu"] + served, wall, sent, one)
