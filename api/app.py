"""The API, put together from its parts."""

from collections.abc import Collection
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry

from api import (
    audit,
    directories,
    erasures,
    facilitators,
    faults,
    feed,
    feed_referrals,
    feed_replies,
    follow_up,
    graduation_steps,
    graduations,
    health,
    household_life,
    households,
    log_tree,
    published_reports,
    readings,
    referral_sending,
    referral_steps,
    referrals,
    refusals,
)
from api.body_limit import BodyLimit
from api.heads import Heads
from api.metrics import Intake, Partners, Projections, Requests, Signing
from api.problems import Problem
from api.security_headers import SecurityHeaders
from api.security_log import Watching
from api.services import Services

TITLE = "Rujukan"
DESCRIPTION = """Referral and coordination for social protection.

Every command answers with its log position (`Rujukan-Position`); a GET with `?after=` that position holds what was
written. Errors are problem details (RFC 9457). `Idempotency-Key` and `If-Match` are honoured wherever sent."""
DOCUMENTATION_FILES = "/docs-files"
"""The documentation page is served whole: a browser on an office network may reach no one else."""
ROUTERS = (
    households.router,
    follow_up.router,
    graduations.router,
    referrals.router,
    household_life.router,
    graduation_steps.router,
    erasures.router,
    referral_sending.router,
    referral_steps.router,
    facilitators.router,
    directories.router,
    refusals.router,
    audit.router,
    log_tree.router,
    published_reports.router,
    readings.router,
    feed.router,
    feed_referrals.router,
    feed_replies.router,
    health.router,
)
"""Those first that are asked most: a request is compared with every route before its own."""


def build(services: Services, *, version: str = "0.1.0", hosts: Collection[str] = (), secure: bool = False) -> FastAPI:
    """`hosts` are the names by which callers may come, any where there are none; `secure` says that they come by https
    alone."""
    app = FastAPIOffline(
        title=TITLE,
        description=DESCRIPTION,
        version=version,
        redirect_slashes=False,
        redoc_url=None,
        static_url=DOCUMENTATION_FILES,
    )
    app.state.services = services
    app.state.metrics = CollectorRegistry()
    app.state.metrics.register(Projections(services))
    app.state.metrics.register(Partners(services))
    app.state.metrics.register(Signing(services))
    app.state.metrics.register(Intake(services))
    for router in ROUTERS:
        app.include_router(router)
    faults.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Heads, hosts=hosts)
    app.add_middleware(SecurityHeaders, secure=secure)
    app.add_middleware(Watching)
    app.add_middleware(Requests, registry=app.state.metrics)
    app.openapi = lambda: _documentation(app)  # type: ignore[method-assign]
    return app


def _documentation(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        app.openapi_schema = found
    return app.openapi_schema
