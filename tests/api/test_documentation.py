"""The documentation page is whole on a network that reaches no one else."""

import re

from tests.api.rig import Rig


def test_the_documentation_page_loads_nothing_from_elsewhere(own_rig: Rig) -> None:
    page = own_rig.get("/docs", {}).text
    assert "Rujukan" in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    sources = re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page)
    assert len(sources) >= 2
    for source in sources:
        assert own_rig.get(source, {}).content
