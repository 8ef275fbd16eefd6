"""Network addresses as settings hold them."""

import ipaddress


def addresses(text: str) -> str:
    """IP addresses and networks with commas between them; `ValueError` where it is anything else."""
    try:
        return ",".join(str(ipaddress.ip_network(part.strip())) for part in text.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks, with commas between them") from None
