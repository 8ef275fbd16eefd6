"""Numbers for Prometheus: requests by route and status, and how far each projection is behind the log."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.services import Services
from projections import log_signing
from projections.engine.positions import standings
from projections.partners import standings as partner_standings


class Requests:
    """Counts each request by the route that it met, never by its path: paths hold ids."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("method", "route", "status")
        self._count = Counter("rujukan_http_requests", "Requests answered.", labels, registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._count.labels(scope["method"], route, str(status)).inc()


class Standing(Collector):
    """Read at each scrape, and not before the first."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[Metric]:
        return iter(())


class Projections(Standing):
    """How far each is behind the log."""

    def collect(self) -> Iterator[Metric]:
        head = self._services.log.head()
        yield GaugeMetricFamily("rujukan_log_position", "The last position of the log.", head)
        labels = ["projection"]
        position = GaugeMetricFamily("rujukan_projection_position", "The last position folded.", labels=labels)
        lag = GaugeMetricFamily("rujukan_projection_lag", "Events not folded yet.", labels=labels)
        seconds = GaugeMetricFamily(
            "rujukan_projection_lag_seconds", "Age of the first event not folded yet.", labels=labels
        )
        rate = GaugeMetricFamily(
            "rujukan_projection_rate", "Events of the log that it passes each second.", labels=labels
        )
        shards = GaugeMetricFamily("rujukan_projection_shards", "Parts that it is divided into.", labels=labels)
        stopped = GaugeMetricFamily("rujukan_projection_stopped", "1 while an event cannot be folded.", labels=labels)
        with self._services.pool.connection() as connection:
            for standing in standings(connection):
                name = [standing.name]
                position.add_metric(name, standing.position)
                lag.add_metric(name, max(0, head - standing.position))
                seconds.add_metric(name, standing.lag_seconds)
                rate.add_metric(name, standing.rate)
                shards.add_metric(name, standing.shards)
                stopped.add_metric(name, int(standing.error is not None))
        yield from (position, lag, seconds, rate, shards, stopped)


class Partners(Standing):
    """What waits for each."""

    def collect(self) -> Iterator[Metric]:
        labels = ["agency"]
        position = GaugeMetricFamily("rujukan_partner_position", "Up to where it was sent the log.", labels=labels)
        messages = GaugeMetricFamily("rujukan_partner_lag_events", "Messages that wait to be sent.", labels=labels)
        seconds = GaugeMetricFamily("rujukan_partner_lag_seconds", "Age of the first that waits.", labels=labels)
        blocked = GaugeMetricFamily("rujukan_partner_blocked", "1 while its topic takes nothing.", labels=labels)
        with self._services.pool.connection() as connection:
            found = partner_standings(connection)
        for partner in found:
            if partner.revoked_at is None:
                name = [str(partner.agency)]
                position.add_metric(name, partner.position)
                messages.add_metric(name, partner.messages)
                seconds.add_metric(name, partner.seconds)
                blocked.add_metric(name, int(partner.error is not None))
        yield from (position, messages, seconds, blocked)


class Signing(Standing):
    """How far the log is signed."""

    def collect(self) -> Iterator[Metric]:
        with self._services.pool.connection() as connection:
            found = log_signing.standing(connection)
        yield GaugeMetricFamily("rujukan_signed_position", "Up to where a checkpoint holds the log.", found.position)
        yield GaugeMetricFamily("rujukan_signed_lag", "Events that no checkpoint holds yet.", found.lag)
        yield GaugeMetricFamily("rujukan_signed_lag_seconds", "Age of the first of them.", found.lag_seconds)
        yield GaugeMetricFamily("rujukan_signing_refused", "1 while nothing is signed.", int(found.refused is not None))


class Intake(Standing):
    """What came of agencies' answers, and what waits. Of several processes each tells its own part: add them up."""

    def collect(self) -> Iterator[Metric]:
        numbers = self._services.intake
        came = CounterMetricFamily("rujukan_intake_answers", "Answers by what came of them.", labels=["agency", "came"])
        rejected = CounterMetricFamily("rujukan_intake_rejected", "Answers rejected.", labels=["agency", "code"])
        waiting = GaugeMetricFamily("rujukan_intake_waiting", "Answers that wait to be tried again.", labels=["agency"])
        behind = GaugeMetricFamily("rujukan_intake_lag_messages", "Messages not taken yet.", labels=["agency"])
        for counter, ends in ((came, numbers.came), (rejected, numbers.rejected)):
            for (agency, name), count in ends.items():
                counter.add_metric([str(agency), name], count)
        for gauge, counts in ((waiting, numbers.waiting), (behind, numbers.behind)):
            for agency, count in counts.items():
                gauge.add_metric([str(agency)], count)
        yield from (came, rejected, waiting, behind)
        if (seconds := numbers.since_polled) is not None:
            yield GaugeMetricFamily(
                "rujukan_intake_polled_seconds_ago", "Since the broker was asked for answers.", seconds
            )
