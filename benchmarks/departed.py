"""The memory of the server while visitors bring photos to Predict and leave: does it come back?

Each visitor is a websocket, as a browser opens it: it looks at the page, uploads photos of noise,
has them kept, and is gone before most are answered.
"""

import argparse
import http.client
import io
import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

from asl_core.settings import ROOT
from benchmarks.web import start
from tests.web.raw import ask, hear, websocket

PAGE = "predict"
STAYS_SECONDS = 1.0
"""Time from the wish to keep the photos until the visitor is gone."""

SETTLED_SECONDS = 150.0
"""Longest wait for the memory to come back: Streamlit keeps a session for 120."""

WANTED_MB = 100


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=200, help="one after the other")
    parser.add_argument("--photos", type=int, default=50, help="that each brings")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.visitors, options.photos)
    figures["load_average"] = round(os.getloadavg()[0], 2)
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


def measure(work: Path, visitors: int, photos: int) -> dict[str, float]:
    """Have visitors come and go.

    Args:
        work: folder for the runs and the log.
        visitors: how many.
        photos: of each.

    Returns:
        Megabytes of the server's process before, at most, and after; how many uploads it took.
    """
    shutil.copytree(ROOT / "models", work / "runs")
    server, url = start(
        work / "log",
        ASL_RUNS_DIR=str(work / "runs"),
        ASL_CACHE_DIR=str(work / "cache"),
        ASL_DATA_DIR="rendered:ABC:150:0",
        ASL_REQUESTS_PER_SECOND="10000",
    )
    process, most, taken = psutil.Process(server.pid), 0.0, 0
    contents = [noise(number) for number in range(photos)]
    try:
        visit(url, contents[:3])
        before = megabytes(process)
        for _ in range(visitors):
            taken += visit(url, contents)
            most = max(most, megabytes(process))
        end = time.monotonic() + SETTLED_SECONDS
        while megabytes(process) > before + WANTED_MB and time.monotonic() < end:
            time.sleep(1)
        seconds = SETTLED_SECONDS - (end - time.monotonic())
        return {
            "mb_before": round(before),
            "mb_at_most": round(most),
            "mb_after": round(megabytes(process)),
            "seconds_until_then": round(seconds),
            "uploads": visitors * photos,
            "uploads_taken": taken,
            "photo_kb": round(len(contents[0]) / 1_000),
        }
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def visit(url: str, contents: list[bytes]) -> int:
    """Come, upload, have the photos kept, leave.

    Returns:
        How many uploads the server took.
    """
    token = ask(url, "/_stcore/health").headers["set-cookie"]
    token = token.split("_streamlit_xsrf=")[1].split(";")[0]
    with websocket(url) as opened:
        message = BackMsg()
        message.rerun_script.page_name = PAGE
        opened.send(message.SerializeToString())
        session, widget = _until_drawn(opened)
        message = BackMsg()
        message.rerun_script.page_name = PAGE
        state = message.rerun_script.widget_states.widgets.add()
        state.id = widget
        host = url.removeprefix("http://")
        connection = http.client.HTTPConnection(host)
        for number, content in enumerate(contents):
            path = f"/_stcore/upload_file/{session}/{number}"
            if _put(connection, path, token, content):
                info = state.file_uploader_state_value.uploaded_file_info.add()
                info.file_id, info.name, info.size = str(number), f"{number}.jpg", len(content)
                info.file_urls.file_id = str(number)
        connection.close()
        opened.send(message.SerializeToString())
        time.sleep(STAYS_SECONDS)
        return len(state.file_uploader_state_value.uploaded_file_info)


def _until_drawn(opened: ClientConnection) -> tuple[str, str]:
    """The ids of the session and of the drop zone."""
    session = widget = ""
    while True:
        told: ForwardMsg = hear(opened)
        kind = told.WhichOneof("type")
        if kind == "new_session":
            session = told.new_session.initialize.session_id or session
        elif kind == "delta":
            element = told.delta.new_element
            if element.WhichOneof("type") == "file_uploader":
                widget = element.file_uploader.id
        elif kind == "script_finished" and widget:
            return session, widget


def _put(connection: http.client.HTTPConnection, path: str, token: str, content: bytes) -> bool:
    head = (
        b'--edge\r\nContent-Disposition: form-data; name="f"; filename="hand.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n"
    )
    connection.request(
        "PUT",
        path,
        head + content + b"\r\n--edge--\r\n",
        {
            "Content-Type": "multipart/form-data; boundary=edge",
            "X-Xsrftoken": token,
            "Cookie": f"_streamlit_xsrf={token}",
        },
    )
    answer = connection.getresponse()
    answer.read()
    return answer.status < 300


def noise(number: int) -> bytes:
    """A photo that can hardly be made smaller."""
    pixels = np.random.default_rng(number).integers(0, 256, (480, 640, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=80)
    return content.getvalue()


def megabytes(process: psutil.Process) -> float:
    """Memory of a process."""
    return float(process.memory_info().rss / 2**20)


if __name__ == "__main__":
    main()
