"""Flask sessions in Redis, so that every worker on every host knows them. The cookie holds a signed random id."""

import json
import secrets

from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import CallbackDict

LIFETIME_SECONDS = 3600


class RedisSession(CallbackDict, SessionMixin):
    def __init__(self, values=None, id=None):
        def changed(session):
            session.modified = True

        super().__init__(values, changed)
        self.id = id or secrets.token_hex(18)
        self.modified = False


class RedisSessions(SessionInterface):
    def __init__(self, redis):
        self.redis = redis

    def open_session(self, app, request):
        try:
            id = self._signer(app).loads(request.cookies.get("form_session", ""))
        except BadSignature:
            return RedisSession()
        stored = self.redis.get(f"form:session:{id}")
        return RedisSession() if stored is None else RedisSession(json.loads(stored), id)

    def save_session(self, app, session, response):
        if not session.modified:
            return
        self.redis.set(f"form:session:{session.id}", json.dumps(dict(session)), ex=LIFETIME_SECONDS)
        response.set_cookie(
            "form_session",
            self._signer(app).dumps(session.id),
            max_age=LIFETIME_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=app.config["SECURE_COOKIES"],
        )

    def _signer(self, app):
        return URLSafeSerializer(app.secret_key, salt="form-session")
