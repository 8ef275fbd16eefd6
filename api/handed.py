"""Hands the services to handlers."""

from typing import Annotated

from fastapi import Depends, Request

from api.services import Services


async def services_of(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Handed = Annotated[Services, Depends(services_of)]
