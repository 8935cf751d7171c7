"""A form with a photograph: who, where, one file; then a page that shows what was sent. Run by gunicorn."""

import os
import uuid
from pathlib import Path

from flask import Flask, redirect, render_template, request, send_from_directory, session
from redis import Redis

from redis_sessions import RedisSessions

# `uploads` is a directory of the release that leads to where all hosts share files (lockstep.yaml).
UPLOADS = Path(__file__).resolve().parent / "uploads"
KINDS = {".jpg": "image/jpeg", ".png": "image/png", ".txt": "text/plain"}


def create_app():
    app = Flask(__name__)
    app.secret_key = os.environ["FORM_KEY"]
    app.config["MAX_CONTENT_LENGTH"] = 5 * 1024 * 1024
    app.config["SECURE_COOKIES"] = os.environ["PUBLIC_URL"].startswith("https://")
    redis = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2, decode_responses=True)
    app.session_interface = RedisSessions(redis)
    UPLOADS.mkdir(exist_ok=True)

    @app.get("/health")
    def health():
        redis.ping()
        return {"status": "ok", "uploads": os.access(UPLOADS, os.W_OK)}

    @app.get("/")
    def form():
        return render_template("form.html", title=os.environ["FORM_TITLE"], sent=None)

    @app.post("/reports")
    def send():
        file = request.files.get("file")
        name, place = request.form.get("name", "").strip(), request.form.get("place", "").strip()
        suffix = Path(file.filename or "").suffix.lower() if file else ""
        if not name or not place or suffix not in KINDS:
            return {"error": "name, place and a file (.jpg, .png, .txt) are needed"}, 400
        stored = f"{uuid.uuid4().hex}{suffix}"
        draft = UPLOADS / f".{stored}"
        file.save(draft)
        draft.rename(UPLOADS / stored)
        session["report"] = {"name": name, "place": place, "file": stored}
        return redirect("/reports/mine", 303)

    @app.get("/reports/mine")
    def mine():
        report = session.get("report")
        if report is None:
            return {"error": "no session: send the form first"}, 401
        if request.accept_mimetypes.best == "application/json":
            return {"report": report}
        return render_template("form.html", title=os.environ["FORM_TITLE"], sent=report)

    @app.get("/reports/mine/file")
    def mine_file():
        report = session.get("report")
        if report is None:
            return {"error": "no session: send the form first"}, 401
        if not (UPLOADS / report["file"]).is_file():
            return {"error": "the file is not here"}, 410
        return send_from_directory(UPLOADS, report["file"])

    return app
